using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Cli.Pipeline;
using Kindling.Deployment;
using Kindling.IO;
using Kindling.Reports.Cards;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling card</c>: measures a trained model and writes its card.</summary>
internal sealed class CardVerb : Verb
{
    private const string Markdown = "README.md";
    private const string Page = "card.html";
    private const string Figures = "card.json";

    private readonly Argument<string?> _model;
    private readonly Option<string> _data;
    private readonly Option<string?> _float;
    private readonly Option<string?> _config;
    private readonly Option<double> _split;
    private readonly Option<int> _seed;
    private readonly Option<string> _target;
    private readonly Option<string?> _output;
    private readonly Option<int> _threads;
    private readonly Option<string?> _index;

    public CardVerb()
        : base(
            "card", "Measures a trained model and writes its model card, in Markdown, HTML and JSON, with published figures beside its own.",
            "kindling card zoo/flowers_mobilenet_v1_0.25_96 --data flower_photos.zip",
            "kindling card model_int8.tflite --float float.safetensors --data flower_photos.zip --split 0.2 --seed 127",
            "kindling card --index zoo")
    {
        _model = Add(new Argument<string?>("MODEL")
        {
            Description = "A folder with NAME.safetensors, NAME_int8.tflite, user_config.yaml and training_log.csv, or as a run leaves it; or one model file.",
            Arity = ArgumentArity.ZeroOrOne,
        });
        _data = Add(CommonOptions.Data(isRequired: false));
        _float = Add(new Option<string?>("--float") { Description = "The float model, when it is not in the folder.", HelpName = "FILE" });
        _config = Add(new Option<string?>("--config") { Description = "The configuration that names data set and split; by default the folder's.", HelpName = "FILE" });
        _split = Add(new Option<double>("--split") { Description = "Without a configuration: share of the photos that is kept for validation.", DefaultValueFactory = _ => 0.2 });
        _seed = Add(new Option<int>("--seed") { Description = "Without a configuration: seed of the split.", DefaultValueFactory = _ => 123 });
        _target = Add(CommonOptions.Target());
        _output = Add(new Option<string?>("--output") { Description = "Where the card is written; by default beside the model.", HelpName = "DIR" });
        _threads = Add(CommonOptions.Threads());
        _index = Add(new Option<string?>("--index") { Description = $"Measures nothing: writes DIR/{Markdown}, one table of all cards in the folders below DIR.", HelpName = "DIR" });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var model = arguments.GetValue(_model);
        if (arguments.GetValue(_index) is { } index)
            return model is null ? WriteIndex(index) : throw new KindlingException("--index measures no model; leave MODEL out");
        if (model is null)
            throw new KindlingException("card needs a model, or --index DIR. See kindling card --help");
        var folder = ModelFolder.Open(model, arguments.GetValue(_float), arguments.GetValue(_config));
        var output = arguments.GetValue(_output) ?? folder.Root;
        if (File.Exists(Path.Combine(output, Markdown)) && !File.Exists(Path.Combine(output, Figures)))
            throw new KindlingException($"{Path.Combine(output, Markdown)} is there already and is no card; name another folder with --output");
        var target = Targets.Find(arguments.GetValue(_target)!);
        var state = new PipelineState(Configure(folder, arguments), new OutputFolder(folder.Root, folder.Root, folder.Root), IsResumed: false, context);
        Measure(folder, state, target);
        return Write(new CardBuilder(folder, state, target).Build(), output, state);
    }

    /// <summary>The model's configuration with the photos given, set to evaluate; its training is not looked at.</summary>
    private UserConfig Configure(ModelFolder folder, ParseResult arguments)
    {
        var file = (folder.Float ?? folder.Int8)!;
        var overrides = new List<string>
        {
            "operation_mode=evaluation", $"general.model_path={file}", string.Create(CultureInfo.InvariantCulture, $"general.num_threads={arguments.GetValue(_threads)}"),
        };
        var data = arguments.GetValue(_data);
        if (data is not null)
            overrides.Add($"dataset.training_path={data}");
        if (folder.Configuration is { } configuration)
            return new ConfigurationLoader().LoadFile(configuration, overrides);
        if (data is null)
            throw new KindlingException($"{folder.Root} has no user_config.yaml that names the photos; name them with --data");
        overrides.Add(string.Create(CultureInfo.InvariantCulture, $"dataset.validation_split={arguments.GetValue(_split)}"));
        overrides.Add(string.Create(CultureInfo.InvariantCulture, $"dataset.seed={arguments.GetValue(_seed)}"));
        return new ConfigurationLoader().Load("the command line", $"dataset:\n  name: '{Path.GetFileNameWithoutExtension(data).Replace("'", "", StringComparison.Ordinal)}'\n", overrides);
    }

    private static void Measure(ModelFolder folder, PipelineState state, Target target)
    {
        foreach (var (path, isInt8) in new[] { (folder.Float, false), (folder.Int8, true) })
        {
            if (path is null)
            {
                state.Context.Terminal.Warn($"{folder.Root} holds no {(isInt8 ? "int8" : "float")} model; the card goes without");
                continue;
            }

            var opened = PhotoModel.Open(path);
            if (opened.Note is not null)
                state.Context.Terminal.Info(opened.Note);
            state.Preprocessing ??= opened.Preprocessing;
            if (isInt8)
                state.Int8Graph = opened.Graph;
            else
                state.FloatGraph = opened.Graph;
        }

        new DataStep().Run(state);
        foreach (var step in new[] { new EvaluateStep(isInt8: false), new EvaluateStep(isInt8: true) }.Where(s => s.AppliesTo(state)))
            step.Run(state);
        Benchmark(state, target);
    }

    private static void Benchmark(PipelineState state, Target target)
    {
        if (state.Int8Graph is not { } graph)
            return;
        var missing = Toolchain.MissingFor(target);
        if (missing.Count > 0)
        {
            var programs = string.Join(" and ", missing.Select(m => m.Tool));
            state.Skipped.Add($"Not measured: {programs} not found. Install with: apt-get install {string.Join(' ', missing.Select(m => m.Package))}");
            state.Context.Terminal.Warn(state.Skipped[0]);
            return;
        }

        var inputs = BenchmarkVerb.Noise(graph);
        state.Context.Terminal.Info($"building for {target.Core} and running {inputs.Count} inputs in QEMU ({target.Machine})");
        state.Benchmark = DeploymentBenchmark.Run(graph, target, inputs, layers: true);
        if (BenchmarkVerb.Difference(state.Benchmark) is { } fault)
            state.FailedCheck = fault;
    }

    private static VerbResult Write(ModelCard card, string output, PipelineState state)
    {
        Directory.CreateDirectory(output);
        MarkdownCard.Write(Path.Combine(output, Markdown), card);
        HtmlCard.Write(Path.Combine(output, Page), card);
        AtomicFile.Write(Path.Combine(output, Figures), $"{JsonText.Write(card)}\n");
        var lines = new List<string>();
        if (card.Float is { } floats)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"float   {floats.Top1 * 100:F2} % top-1 of {card.EvaluatedOn}"));
        if (card.Int8 is { } int8)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"int8    {int8.Top1 * 100:F2} % top-1"));
        if (card.Device is { } d)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"board   RAM {d.RamBytes:N0} bytes, flash {d.FlashBytes:N0} bytes, {d.Instructions:N0} instructions"));
        lines.Add($"card    {Path.Combine(output, Markdown)}, {Path.Combine(output, Page)}, {Path.Combine(output, Figures)}");
        return new VerbResult(card, string.Join('\n', lines), state.FailedCheck);
    }

    private static VerbResult WriteIndex(string root)
    {
        if (!Directory.Exists(root))
            throw new KindlingException($"--index {root}: there is no such folder");
        var cards = Directory.GetDirectories(root).Where(d => File.Exists(Path.Combine(d, Figures))).Order(StringComparer.Ordinal)
            .Select(d => (Folder: Path.GetFileName(d), Card: ReadCard(Path.Combine(d, Figures)))).ToList();
        if (cards.Count == 0)
            throw new KindlingException($"--index {root}: no folder in it has a {Figures}; kindling card MODEL writes one");
        var path = Path.Combine(root, Markdown);
        if (File.Exists(path) && File.ReadLines(path).FirstOrDefault() != CardIndex.Heading)
            throw new KindlingException($"{path} is there already and is no table of cards; move it away");
        CardIndex.Write(path, cards, $"./kindling card --index {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)))}");
        return new VerbResult(new { Output = path, Models = cards.Select(c => c.Card.Name) }, $"{path}: {(cards.Count == 1 ? "1 model" : $"{cards.Count} models")}");
    }

    private static ModelCard ReadCard(string path)
    {
        try
        {
            return JsonText.Read<ModelCard>(File.ReadAllText(path)) ?? throw new ModelFormatException($"{path} is empty");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"{path} is no card: {e.Message}", e);
        }
    }
}
