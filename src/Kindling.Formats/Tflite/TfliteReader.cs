using Kindling.Graphs;

namespace Kindling.Formats.Tflite;

/// <summary>
/// Reads TFLite files (schema version 3, one subgraph) as graphs whose nodes are the file's operators in the file's order; operators that only
/// compute shapes (SHAPE, STRIDED_SLICE, PACK before a RESHAPE) disappear, since all shapes are known. Constant arguments such as paddings
/// and axes become attributes. Depthwise weights lose their leading dimension of 1. Preprocessing and class names are restored from the
/// metadata entry that <see cref="TfliteWriter"/> writes; other entries are kept as they are (<see cref="ModelMetadata.Entries"/>).
/// Operators: QUANTIZE, DEQUANTIZE, CONV_2D, DEPTHWISE_CONV_2D (multiplier 1), FULLY_CONNECTED, MAX_POOL_2D, AVERAGE_POOL_2D, MEAN over
/// height and width, ADD, SUB, MUL, CONCATENATION, PAD, PADV2 (with zeros), RESHAPE, SQUEEZE, EXPAND_DIMS, SOFTMAX, LOGISTIC, HARD_SWISH, LEAKY_RELU, RELU, RELU6, RELU_N1_TO_1, and MINIMUM and MAXIMUM with a constant.
/// </summary>
public static class TfliteReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="KindlingException">The file cannot be opened.</exception>
    /// <exception cref="ModelFormatException">The file is truncated, altered or beyond what is supported; the message names it and says what is wrong.</exception>
    public static Graph Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > int.MaxValue / 2 } file)
                throw new ModelFormatException($"{path}: {file.Length} bytes; TFLite files above 1 GiB are not supported");
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="name">The file's name or path, for messages and for a graph without a name.</param>
    /// <exception cref="ModelFormatException">The bytes are truncated, altered or beyond what is supported.</exception>
    public static Graph Read(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var model = new TfliteModel(bytes, name);
        try
        {
            return Build(model);
        }
        catch (GraphException e)
        {
            throw new ModelFormatException($"{name}: {e.Message}", e);
        }
    }

    private static Graph Build(TfliteModel model)
    {
        var values = new TfliteValues(model);
        var inputs = model.Inputs.Select(values.DefineInput).ToList();
        var nodes = new List<Node>();
        var reader = new TfliteOperatorReader(model, values, nodes);
        foreach (var op in model.Operators)
            reader.Read(op);
        var outputs = model.Outputs.Select(i => values.Activation(i, "the list of outputs")).ToList();
        var metadata = model.Metadata.IsEmpty ? ModelMetadata.Empty : MetadataJson.Read(model.Metadata, model.File);
        if (model.OtherMetadata.Count > 0)
            metadata = metadata with { Entries = model.OtherMetadata };
        var name = model.GraphName is "" or "main" ? Path.GetFileNameWithoutExtension(model.File) : model.GraphName;
        return new Graph(name, inputs, outputs, nodes, metadata);
    }
}
