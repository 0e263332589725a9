using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Deployment;
using Kindling.Graphs;

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
            """));
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
}
