using System.CommandLine;
using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.Cli.Pipeline;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling quickstart</c>: the whole chain on shapes that Kindling draws itself.</summary>
internal sealed class QuickstartVerb : Verb
{
    private readonly Option<string?> _output;

    public QuickstartVerb()
        : base(
            "quickstart", "Trains, quantizes, deploys and simulates a small network on drawn shapes, in minutes and without any data; ends with a report.",
            "kindling quickstart")
    {
        _output = Add(new Option<string?>("--output") { Description = "The output folder; by default outputs/<date>_quickstart.", HelpName = "DIR" });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        using var stream = typeof(QuickstartVerb).Assembly.GetManifestResourceStream("quickstart.yaml")!;
        using var reader = new StreamReader(stream);
        var config = new ConfigurationLoader().Load("quickstart.yaml", reader.ReadToEnd(), []);
        return PipelineRunner.Run(config, new RunOptions(arguments.GetValue(_output), Resume: null), context);
    }
}
