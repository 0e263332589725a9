using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Cli.Models;
using Kindling.Deployment;
using Kindling.Formats.Safetensors;
using Kindling.Graphs;
using Kindling.Reports.Cards;
using Kindling.Reports.Metrics;
using Kindling.Tensors;
using Kindling.Zoo;

namespace Kindling.Cli.Pipeline;

/// <summary>Turns what was measured of a model into its card.</summary>
/// <param name="Folder">The model's files.</param>
/// <param name="State">The evaluations, and what they were made on.</param>
/// <param name="Target">The board.</param>
internal sealed record CardBuilder(ModelFolder Folder, PipelineState State, Target Target)
{
    private const string Program = "./kindling";

    private UserConfig Config => State.Config;

    /// <summary>The card.</summary>
    public ModelCard Build()
    {
        var graph = (State.FloatGraph ?? State.Int8Graph)!;
        var summary = GraphSummary.Of(graph);
        var zoo = ZooCatalogue.Models.FirstOrDefault(m => m.Name == graph.Name);
        return new ModelCard
        {
            Name = Folder.Name,
            Network = graph.Name,
            Description = zoo?.Description ?? "",
            Paper = zoo?.Paper ?? "",
            Input = string.Join('x', graph.Inputs[0].Shape.Skip(1)),
            Preprocessing = Describe(State.Preprocessing!),
            DataSet = Config.Dataset.Name.Length > 0 ? Config.Dataset.Name : Config.General.ProjectName,
            EvaluatedOn = State.Photos.EvaluatedOn,
            ClassNames = State.Photos.Evaluation!.ClassNames is var photos && graph.Metadata.ClassNames.Count > 0 ? graph.Metadata.ClassNames : photos,
            Parameters = summary.Parameters,
            TrainableParameters = summary.TrainableParameters,
            Macs = summary.Macs,
            License = graph.Metadata.License,
            Tensors = [.. Tensors(Folder.Float, State.FloatGraph), .. Tensors(Folder.Int8, State.Int8Graph)],
            Files = [.. Files()],
            Float = Accuracy(State.FloatEvaluation?.Metrics),
            Int8 = Accuracy(State.Int8Evaluation?.Metrics),
            Device = State.Benchmark is { } b ? Device(b) : null,
            DeviceMissing = State.Benchmark is not null ? null : State.Int8Graph is null ? "Not measured: there is no int8 file." : State.Skipped.FirstOrDefault(),
            Training = Training(),
            Use = [.. Use()],
            Commands = [.. Commands()],
        };
    }

    private static string Describe(Preprocessing p)
    {
        var values = Enumerable.Range(0, p.Channels).Select(c => (Scale: p.ScaleOf(c), Offset: p.OffsetOf(c))).Distinct().ToList();
        var formula = string.Join("; ", values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Scale:G6} x pixel {(v.Offset < 0 ? '-' : '+')} {Math.Abs(v.Offset):G6}")));
        return $"{p.Interpolation.ToString().ToLowerInvariant()} to {p.Height}x{p.Width} (aspect ratio: {p.AspectRatio.ToString().ToLowerInvariant()}), {p.Color.ToString().ToLowerInvariant()}, {formula}"
            + (p.Standardization == Standardization.PerImage ? ", then each photo to mean 0 and deviation 1" : "");
    }

    private static IEnumerable<CardTensor> Tensors(string? file, Graph? graph)
    {
        if (file is null || graph is null)
            yield break;
        foreach (var value in graph.Inputs)
            yield return Tensor("input", value, value.Quantization is null ? "a photo, prepared as above" : "the same, divided by scale, plus zero point");
        foreach (var value in graph.Outputs)
            yield return Tensor("output", value, value.Quantization is null ? "the score of each class" : "the same, divided by scale, plus zero point");

        CardTensor Tensor(string role, Value value, string meaning) => new(
            Path.GetFileName(file), role, string.Join('x', value.Shape), value.Type.Name(), value.Quantization?.Scale, value.Quantization?.ZeroPoint, meaning);
    }

    private static CardAccuracy? Accuracy(ClassificationMetrics? m) => m is null ? null : new CardAccuracy(
        m.Top1, m.Top5, m.MacroF1, m.Images, [.. m.Classes.Select(c => new CardClass(c.Name, c.Images, c.Precision, c.Recall, c.F1))]);

    private static CardDevice Device(BenchmarkResult b) => new()
    {
        Board = b.Target.Board,
        Core = b.Target.Core,
        ActivationRamBytes = b.ActivationRamBytes,
        RuntimeRamBytes = b.RuntimeRamBytes,
        WeightsFlashBytes = b.WeightsFlashBytes,
        CodeFlashBytes = b.CodeFlashBytes,
        Instructions = b.Instructions,
        Macs = b.Macs,
        Inputs = b.Inputs,
        OutputsEqualHost = b.OutputsEqualHost,
        Fits = b.Fits,
        Compiler = b.Compiler,
        Emulator = b.Emulator,
        Time = b.Time is { } t ? Time(t) : null,
    };

    /// <summary>An estimate as cards and reports show it.</summary>
    internal static CardTime Time(TimeEstimate t) => new(t.Milliseconds, t.LowestMilliseconds, t.Error, t.FamilyError, t.Basis);

    private IEnumerable<CardFile> Files()
    {
        if (Folder.Configuration is { } configuration)
            yield return Entry(configuration, "what it was trained with");
        if (Folder.Float is { } floats)
            yield return Entry(floats, IsHalf(floats) ? "float network; weights in half precision, computed in float32" : "float network");
        if (Folder.Int8 is { } int8)
            yield return Entry(int8, "int8 network for TFLite runtimes and `kindling deploy`");
        if (Folder.Log is { } log)
            yield return Entry(log, "loss and accuracy of each epoch");

        static CardFile Entry(string path, string content) => new(Path.GetFileName(path), new FileInfo(path).Length, content);
    }

    private static bool IsHalf(string path) =>
        Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase) && SafetensorsFile.Read(path).Tensors.Any(t => t.Type == SafetensorsType.F16);

    private CardTraining? Training()
    {
        if (Folder.Configuration is not { } path)
            return null;
        var head = File.ReadLines(path).TakeWhile(l => l.StartsWith('#')).Select(l => l.TrimStart('#').Trim()).ToList();
        var commands = head.Where(IsCommand).ToList();
        if (commands.Count == 0)
            commands.Add($"{Program} run {Display(path)}{(Config.Dataset.IsSynthetic ? "" : " dataset.training_path=PHOTOS")}");
        return new CardTraining(
            string.Join(' ', head.Where(l => !IsCommand(l))), commands, Config.General.Seed, Config.Dataset.Seed, Folder.Log is { } log ? TrainingLogFile.Read(log) : []);

        static bool IsCommand(string line) => line.StartsWith("./kindling ", StringComparison.Ordinal) || line.StartsWith("kindling ", StringComparison.Ordinal);
    }

    private IEnumerable<string> Use()
    {
        yield return $"{Program} predict --model {Display((Folder.Int8 ?? Folder.Float)!)} PHOTO";
        if (Folder.Int8 is { } int8)
            yield return $"{Program} deploy --model {Display(int8)} --target {Target.Name} --output c";
    }

    private IEnumerable<CardCommand> Commands()
    {
        if (Training() is { } training)
            yield return new CardCommand("the weights", training.Commands[0]);
        foreach (var (name, file) in new[] { ("float", Folder.Float), ("int8", Folder.Int8) })
        {
            if (file is not null && !Config.Dataset.IsSynthetic)
                yield return new CardCommand($"accuracy, {name}", $"{Program} evaluate --model {Display(file)} {EvaluationData()}");
        }

        if (State.Benchmark is not null)
            yield return new CardCommand("memory, instructions", $"{Program} benchmark --model {Display(Folder.Int8!)} --target {Target.Name}");
        yield return new CardCommand("parameters, layers", $"{Program} show {Display((Folder.Float ?? Folder.Int8)!)}");
        yield return new CardCommand("this card", $"{Program} card {Display(Folder.Root)}{(Config.Dataset.IsSynthetic ? "" : " --data PHOTOS")}");
    }

    /// <summary>The photos that were evaluated, as <c>kindling evaluate</c> is told them.</summary>
    private string EvaluationData()
    {
        var data = Config.Dataset;
        if (data.TestPath is not null)
            return "--data TEST_PHOTOS --subset all";
        if (State.Photos.EvaluatedOn.EndsWith("test photos", StringComparison.Ordinal))
            return "--data PHOTOS --subset test";
        return data.ValidationPath is not null
            ? "--data VALIDATION_PHOTOS --subset all"
            : string.Create(CultureInfo.InvariantCulture, $"--data PHOTOS --split {data.ValidationSplit} --seed {data.Seed}");
    }

    /// <summary>A path as one types it where the command ran; of one that is elsewhere, only its end.</summary>
    private static string Display(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), full);
        if (!relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative))
            return relative;
        return File.Exists(full) ? $"{Path.GetFileName(Path.GetDirectoryName(full))}/{Path.GetFileName(full)}" : Path.GetFileName(full);
    }
}
