using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Deployment;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling deploy</c>: an int8 model as plain C.</summary>
internal sealed class DeployVerb : Verb
{
    private readonly Option<string> _model;
    private readonly Option<string> _output;
    private readonly Option<string> _target;
    private readonly Option<OptimizationGoal> _optimize;
    private readonly Option<string?> _name;

    public DeployVerb()
        : base("deploy", "Writes an int8 model as plain C99 with one static arena.", "kindling deploy --model model_int8.tflite --output c --target stm32h7", "kindling deploy --model model_int8.onnx --output c")
    {
        _model = Add(CommonOptions.Model("The int8 model: .tflite, or .onnx in either form."));
        _output = Add(new Option<string>("--output") { Description = "A new or empty folder, or one written by deploy before.", Required = true, HelpName = "DIR" });
        _target = Add(CommonOptions.Target());
        _optimize = Add(CommonOptions.Optimize());
        _name = Add(new Option<string?>("--name") { Description = "The name in kindling_NAME_run(); by default the model's." });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var path = arguments.GetRequiredValue(_model);
        var target = Targets.Find(arguments.GetValue(_target)!);
        var graph = ModelFile.Read(path);
        var project = CGenerator.Generate(graph, arguments.GetRequiredValue(_output), new CGeneratorOptions
        {
            ModelName = arguments.GetValue(_name),
            Optimize = arguments.GetValue(_optimize),
            Linux = target.IsLinux,
        });
        var shortage = target.Shortage(project.ArenaBytes, 0, project.WeightsFlashBytes);
        if (shortage is not null)
            context.Terminal.Warn($"{target.Board} has {shortage} too little: the network does not fit");
        var document = new
        {
            Output = project.Directory,
            project.Symbol,
            project.Files,
            project.ArenaBytes,
            project.WeightsFlashBytes,
            project.InputBytes,
            project.OutputBytes,
            Target = target.Name,
            Fits = shortage is null,
            Shortage = shortage,
        };
        return new VerbResult(document, string.Create(
            CultureInfo.InvariantCulture,
            $"{project.Directory}: {project.Files.Count} files, arena {project.ArenaBytes:N0} bytes, weights {project.WeightsFlashBytes:N0} bytes; call {project.Symbol}_run()"));
    }
}
