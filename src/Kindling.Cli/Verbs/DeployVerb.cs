using System.CommandLine;
using System.Globalization;
using System.Text;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Deployment;
using Kindling.Graphs;
using Kindling.Reports.Charts;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling deploy</c>: an int8 model as plain C.</summary>
internal sealed class DeployVerb : Verb
{
    private const string ArchiveExtension = ".zip";
    private readonly Option<string> _model;
    private readonly Option<string> _output;
    private readonly Option<string> _target;
    private readonly Option<OptimizationGoal> _optimize;
    private readonly Option<string?> _name;
    private readonly Option<string?> _image;
    private readonly PreparationOptions _preparation;
    private readonly Option<bool> _layers;

    public DeployVerb()
        : base(
            "deploy", "Writes an int8 model as plain C99 with one static arena: a project for CMake, Arduino, PlatformIO and Zephyr.",
            "kindling deploy --model model_int8.tflite --output c --target stm32h7 --image rose.jpg", "kindling deploy --model model_int8.onnx --output c.zip")
    {
        _model = Add(CommonOptions.Model("The int8 model: .tflite, or .onnx in either form."));
        _output = Add(new Option<string>("--output")
        {
            Description = "A new or empty folder, or one written by deploy before; or a .zip file, as Arduino's IDE takes libraries.",
            Required = true,
            HelpName = "DIR|FILE.zip",
        });
        _target = Add(CommonOptions.Target());
        _optimize = Add(CommonOptions.Optimize());
        _name = Add(new Option<string?>("--name") { Description = "The name in kindling_NAME_run(); by default the model's." });
        _image = Add(new Option<string?>("--image") { Description = "A photo to build into the examples; by default a drawn pattern.", HelpName = "IMAGE" });
        _preparation = new PreparationOptions(Command);
        _layers = Add(new Option<bool>("--layers") { Description = "Also print the place of each layer's output in the arena, and what is alive." });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var path = arguments.GetRequiredValue(_model);
        var target = Targets.Find(arguments.GetValue(_target)!);
        var image = arguments.GetValue(_image);
        var (graph, preprocessing) = Prepare(ModelFile.Read(path), path, _preparation.Of(arguments), image is not null, context);
        var options = new CGeneratorOptions
        {
            ModelName = arguments.GetValue(_name),
            Optimize = arguments.GetValue(_optimize),
            Target = target,
            DrawMemoryPlan = p => new MemoryPlanChart(p.Graph, p.Plan).ToSvg().ToString(),
            ExamplePixels = image is null ? null : Photos.Pixels(image, preprocessing!),
        };
        var output = arguments.GetRequiredValue(_output);
        var project = output.EndsWith(ArchiveExtension, StringComparison.OrdinalIgnoreCase) ? GenerateArchive(graph, output, options) : CGenerator.Generate(graph, output, options);
        var shortage = target.Shortage(project.ArenaBytes, 0, project.WeightsFlashBytes);
        if (shortage is not null)
            context.Terminal.Warn($"{target.Board} has {shortage} too little: the network does not fit");
        if (project.FrameRefusal is { } refusal)
            context.Terminal.Warn($"no function for camera frames: {refusal}");
        var document = new
        {
            Output = output,
            project.Symbol,
            project.Files,
            project.ArenaBytes,
            project.HasRowsOfInput,
            project.RecomputedMacs,
            project.WeightsFlashBytes,
            project.InputBytes,
            project.OutputBytes,
            Target = target.Name,
            Fits = shortage is null,
            Shortage = shortage,
            CameraFrames = project.FrameRefusal is null,
            project.FrameRefusal,
            project.ExampleAnswer,
        };
        return new VerbResult(document, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {output}: {project.Files.Count} files, arena {project.ArenaBytes:N0} bytes, weights {project.WeightsFlashBytes:N0} bytes
            call {(project.FrameRefusal is null ? $"{project.Symbol}_input_from_frame() with a camera's frame, then " : "")}{project.Symbol}_run(); the example prints "{project.ExampleAnswer}"
            """) + RowsNote(project) + (arguments.GetValue(_layers) ? LayerTable(project) : ""));
    }

    /// <summary>The graph with what is known or said of its photos; a network that takes no photos stays as it is.</summary>
    private static (Graph Graph, Preprocessing? Preprocessing) Prepare(Graph graph, string path, Preparation preparation, bool hasImage, VerbContext context)
    {
        if (!hasImage && preparation.IsEmpty && !PhotoModel.SaysHow(graph))
            return (graph, null);
        var model = PhotoModel.Prepare(graph, path, preparation);
        if (model.Note is not null)
            context.Terminal.Info(model.Note);
        return (model.Graph, model.Preprocessing);
    }

    private static GeneratedProject GenerateArchive(Graph graph, string path, CGeneratorOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("kindling-deploy-");
        try
        {
            var project = CGenerator.Generate(graph, Path.Combine(folder.FullName, "c"), options);
            ProjectArchive.Write(project, path);
            return project;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string RowsNote(GeneratedProject project) => !project.HasRowsOfInput ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"\nthe input comes in rows ({project.Symbol}_run_rows) and is not in the arena; {100 * project.RecomputedShare:F1} % of the multiply-accumulates are computed twice");

    // What of the arena is alive while each layer runs; layers of a stage share theirs.
    private static string LayerTable(GeneratedProject project)
    {
        var text = new StringBuilder("\nstep  operator            output                 place in the arena        bytes alive");
        for (var step = 0; step < project.Graph.Nodes.Count; step++)
        {
            var node = project.Graph.Nodes[step];
            var place = project.Plan[node.Output];
            var alive = project.Plan.AliveBytes(step);
            text.Append(CultureInfo.InvariantCulture, $"\n{step,4}  {node.Operator.Kind,-19} {node.Output.Shape,-22} {place.Offset,10:N0} {place.Bytes,10:N0} {place.Kind,-12} {alive,12:N0}");
        }

        return text.ToString();
    }
}
