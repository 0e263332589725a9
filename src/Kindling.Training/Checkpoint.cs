using System.Runtime.InteropServices;
using System.Text;
using Kindling.Formats;
using Kindling.Formats.Safetensors;
using Kindling.Graphs;
using Kindling.Training.Averaging;
using Kindling.Training.Distillation;
using Kindling.Training.Optimizers;

namespace Kindling.Training;

/// <summary>
/// Checkpoints: one safetensors file with the graph's float constants under their names, and for resuming the optimizer's numbers, the average of
/// weights and the training state. Metadata: <c>model</c> (name), <c>metadata</c> (preprocessing and class names as JSON), <c>training</c> (state as JSON), and what the caller adds.
/// </summary>
public static class Checkpoint
{
    private const string OptimizerPrefix = "training.optimizer/";
    private const string AveragePrefix = "training.average/";
    private const string ModelKey = "model";
    private const string MetadataKey = "metadata";
    private const string TrainingKey = "training";

    /// <summary>Writes a graph's weights with everything needed to use them.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="path">The file.</param>
    /// <param name="metadata">What the file says beside Kindling's own keys.</param>
    /// <param name="isHalf">True stores weights in half precision.</param>
    /// <exception cref="KindlingException">The folder cannot be written, or a weight is beyond half precision.</exception>
    public static void SaveWeights(Graph graph, string path, IReadOnlyDictionary<string, string>? metadata = null, bool isHalf = false)
    {
        var file = new SafetensorsFile(ModelWeights.Tensors(graph), Describe(graph, metadata));
        (isHalf ? file.ToHalf() : file).Write(path);
    }

    /// <summary>Fills a graph with the weights of a checkpoint, with or without training state.</summary>
    /// <exception cref="ModelFormatException">The file does not fit the graph; the message names file and tensor.</exception>
    public static void LoadWeights(Graph graph, string path) =>
        ModelWeights.Load(graph, SafetensorsFile.Read(path), path, IsTrainingTensor);

    /// <summary>Fills a graph with the moving average of weights that a checkpoint holds for resuming, or with its weights when it holds none.</summary>
    /// <exception cref="ModelFormatException">The file does not fit the graph; the message names file and tensor.</exception>
    public static void LoadAveragedWeights(Graph graph, string path)
    {
        var file = SafetensorsFile.Read(path);
        var averages = file.Tensors.Where(t => t.Name.StartsWith(AveragePrefix, StringComparison.Ordinal))
            .Select(t => new SafetensorsTensor(t.Name[AveragePrefix.Length..], t.Type, t.Shape, t.Bytes)).ToList();
        ModelWeights.Load(graph, averages.Count == 0 ? file : new SafetensorsFile(averages, file.Metadata), path, IsTrainingTensor);
    }

    /// <summary>The metadata of a checkpoint: what the caller of the training gave, beside Kindling's own keys.</summary>
    /// <exception cref="ModelFormatException">The file is no safetensors file.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path) => SafetensorsFile.Read(path).Metadata;

    /// <summary>Preprocessing and class names of a checkpoint; empty when it has none.</summary>
    /// <exception cref="ModelFormatException">The file is no safetensors file, or its metadata is damaged.</exception>
    public static ModelMetadata ReadModelMetadata(string path) =>
        ReadMetadata(path).TryGetValue(MetadataKey, out var json) ? MetadataJson.Read(Encoding.UTF8.GetBytes(json), path) : ModelMetadata.Empty;

    /// <summary>Writes weights, optimizer and training state.</summary>
    internal static void Save(
        Graph graph, OptimizerState optimizer, WeightAverage? average, TrainingProgressState state, string path, IReadOnlyDictionary<string, string> metadata)
    {
        var tensors = ModelWeights.Tensors(graph).ToList();
        foreach (var (slot, segment) in optimizer.Entries())
        {
            var bytes = MemoryMarshal.AsBytes(optimizer.Floats(slot, segment)).ToArray();
            tensors.Add(new SafetensorsTensor(Name(slot, segment.Value), SafetensorsType.F32, segment.Value.Shape, bytes));
        }

        foreach (var value in average?.Constants ?? [])
            tensors.Add(new SafetensorsTensor(AveragePrefix + value.Name, SafetensorsType.F32, value.Shape, MemoryMarshal.AsBytes(average!.Of(value)).ToArray()));
        var all = Describe(graph, metadata);
        all[TrainingKey] = state.ToJson();
        new SafetensorsFile(tensors, all).Write(path);
    }

    /// <summary>Takes up what <see cref="Save"/> wrote; nothing is changed when it does not fit.</summary>
    internal static TrainingProgressState Load(Graph graph, OptimizerState optimizer, WeightAverage? average, string path)
    {
        var file = SafetensorsFile.Read(path);
        if (!file.Metadata.TryGetValue(TrainingKey, out var json))
            throw new ModelFormatException($"{path} holds weights only, no training state to resume from");
        var state = TrainingProgressState.FromJson(json, path);
        if (state.Optimizer != optimizer.Optimizer.Name)
            throw new KindlingException($"{path} was trained with {state.Optimizer}; it cannot be resumed with {optimizer.Optimizer.Name}");
        var targets = optimizer.Entries().Select(e => (Name: Name(e.Slot, e.Segment.Value), e.Segment.Value.Shape)).ToList();
        targets.AddRange((average?.Constants ?? []).Select(v => (AveragePrefix + v.Name, v.Shape)));
        foreach (var (name, shape) in targets)
        {
            var tensor = file.Find(name) ?? throw new ModelFormatException($"{path}: {name} is missing");
            if (tensor.Type != SafetensorsType.F32 || !tensor.Shape.Equals(shape))
                throw new ModelFormatException($"{path}: {tensor.Name} is {tensor.Type}{tensor.Shape}, not F32{shape}");
        }

        ModelWeights.Load(graph, file, path, IsTrainingTensor);
        foreach (var (slot, segment) in optimizer.Entries())
            Floats(file, Name(slot, segment.Value)).CopyTo(optimizer.Floats(slot, segment));
        foreach (var value in average?.Constants ?? [])
            Floats(file, AveragePrefix + value.Name).CopyTo(average!.Of(value));
        return state;
    }

    /// <summary>True for tensors of a checkpoint that belong to the training, not to the network.</summary>
    private static bool IsTrainingTensor(string name) =>
        new[] { OptimizerPrefix, AveragePrefix, FeatureHint.Prefix }.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    private static ReadOnlySpan<float> Floats(SafetensorsFile file, string name) => MemoryMarshal.Cast<byte, float>(file.Find(name)!.Bytes.Span);

    private static string Name(string slot, Value value) => $"{OptimizerPrefix}{slot}/{value.Name}";

    private static Dictionary<string, string> Describe(Graph graph, IReadOnlyDictionary<string, string>? metadata)
    {
        var all = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>())
        {
            [ModelKey] = graph.Name,
            [MetadataKey] = Encoding.UTF8.GetString(MetadataJson.Write(graph.Metadata)),
        };
        return all;
    }
}
