using System.CommandLine;
using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.Cli.Pipeline;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling run</c>: everything a configuration asks for.</summary>
internal class RunVerb : Verb
{
    private readonly Argument<string> _config;
    private readonly Argument<string[]> _overrides;
    private readonly Option<string?> _resume;
    private readonly Option<string?> _output;

    public RunVerb()
        : this(
            "run", "Runs what a user_config.yaml asks for: train, quantize, evaluate, benchmark, deploy; writes one dated output folder with a report.",
            "kindling run examples/flowers_mobilenet_v1_0.25_96.yaml dataset.training_path=flower_photos.zip",
            "kindling run my.yaml training.epochs=50 ~data_augmentation", "kindling run my.yaml --resume outputs/2026_03_04_05_06_07_my")
    {
    }

    protected RunVerb(string name, string summary, params string[] examples)
        : base(name, summary, examples)
    {
        _config = Add(new Argument<string>("CONFIG") { Description = "A user_config.yaml." });
        _overrides = Add(new Argument<string[]>("key=value") { Description = "Keys to set, or ~key to remove one.", Arity = ArgumentArity.ZeroOrMore });
        _resume = Add(new Option<string?>("--resume") { Description = "Continue the interrupted run in this output folder.", HelpName = "DIR" });
        _output = Add(new Option<string?>("--output") { Description = "The output folder; by default outputs/<date>_<name>.", HelpName = "DIR" });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var config = new ConfigurationLoader().LoadFile(
            arguments.GetRequiredValue(_config), [.. arguments.GetValue(_overrides) ?? [], .. ExtraOverrides]);
        return PipelineRunner.Run(config, new RunOptions(arguments.GetValue(_output), arguments.GetValue(_resume)), context);
    }

    /// <summary>What the verb itself sets, after the user's own keys.</summary>
    protected virtual IReadOnlyList<string> ExtraOverrides => [];
}
