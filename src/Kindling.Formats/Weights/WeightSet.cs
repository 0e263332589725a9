using Kindling.Formats.DeepCompression;
using Kindling.Formats.Keras;
using Kindling.Formats.Onnx;
using Kindling.Formats.Safetensors;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Weights;

/// <summary>Trained weights by layer, wherever they come from: the common ground of all files that can start a network.</summary>
public sealed class WeightSet
{
    /// <summary>Gathers layers.</summary>
    /// <param name="source">The file, for messages.</param>
    /// <param name="layout">The order of the kernels' dimensions.</param>
    /// <param name="layers">The layers in the network's order.</param>
    public WeightSet(string source, WeightLayout layout, IReadOnlyList<WeightLayer> layers)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentNullException.ThrowIfNull(layers);
        Source = source;
        Layout = layout;
        Layers = layers;
    }

    /// <summary>The file names that <see cref="Load"/> takes.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".h5", ".hdf5", ".keras", ".safetensors", ".net", ".onnx", ".tflite"];

    /// <summary>The file.</summary>
    public string Source { get; }

    /// <summary>The order of the kernels' dimensions.</summary>
    public WeightLayout Layout { get; }

    /// <summary>The layers in the network's order.</summary>
    public IReadOnlyList<WeightLayer> Layers { get; }

    /// <summary>Preprocessing, class names and licence that came with the weights; empty when unknown.</summary>
    public ModelMetadata Metadata { get; init; } = ModelMetadata.Empty;

    /// <summary>Numbers in all tensors.</summary>
    public long ParameterCount => Layers.Sum(l => l.Tensors.Sum(t => (long)t.Data.Shape.ElementCount));

    /// <summary>
    /// Reads Keras' .h5 (whole models and weights alone), .safetensors (Kindling's, Caffe's and PyTorch's names), Deep Compression's .net of
    /// SqueezeNet 1.0, and the float weights of .onnx and .tflite models.
    /// </summary>
    /// <exception cref="KindlingException">The file cannot be read, is of another kind, or libhdf5 is missing.</exception>
    /// <exception cref="ModelFormatException">The file is damaged; the message names it and the fault.</exception>
    public static WeightSet Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new KindlingException($"weights {path} do not exist");
        var extension = Path.GetExtension(path);
        return extension.ToUpperInvariant() switch
        {
            ".H5" or ".HDF5" => KerasFile.ReadWeights(path),
            ".KERAS" => throw new KindlingException($"weights {path}: Keras 3's archive is not read; save the model as .h5"),
            ".SAFETENSORS" => SafetensorsWeights.From(SafetensorsFile.Read(path), path),
            ".NET" => DeepCompressionFile.Read(Bytes(path), path),
            ".ONNX" => From(OnnxReader.Read(path), path),
            ".TFLITE" => From(TfliteReader.Read(path), path),
            _ => throw new KindlingException($"weights {path}: '{extension}' is not read; allowed: {string.Join(", ", Extensions)}"),
        };
    }

    /// <summary>The float weights of a graph.</summary>
    public static WeightSet From(Graph graph, string source)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var layers = new List<WeightLayer>();
        foreach (var target in WeightTarget.Of(graph))
        {
            var tensors = target.Parameters.Where(p => p.Value.Type == ElementType.Float32)
                .Select(p => new WeightTensor(p.Value.Name, p.Role, p.Value.Constant!)).ToList();
            if (tensors.Count > 0)
                layers.Add(new WeightLayer(target.Node.Name, tensors, target.Node.Operator is DepthwiseConv2D));
        }

        return layers.Count > 0
            ? new WeightSet(source, WeightLayout.Kindling, layers) { Metadata = graph.Metadata }
            : throw new KindlingException($"{source} has no float weights to start from");
    }

    /// <summary>Puts the weights on a graph by name and, for layers named otherwise, by order. Nothing is changed when they do not fit.</summary>
    /// <returns>What was put where, what was left out and why.</returns>
    /// <exception cref="ModelFormatException">The weights do not fit (see <see cref="WeightMappingMode"/>); the message names the layers with both shapes.</exception>
    public WeightMapping ApplyTo(Graph graph, WeightMappingOptions options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(options);
        return new WeightMapper(this, graph, options).Run();
    }

    private static byte[] Bytes(string path)
    {
        const int Most = 64 << 20;
        try
        {
            var length = new FileInfo(path).Length;
            return length <= Most ? File.ReadAllBytes(path) : throw new ModelFormatException($"{path} has {length} bytes; a Deep Compression file has less than a million");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
