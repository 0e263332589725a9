using Google.Protobuf;
using Kindling.Formats.Onnx.Export;
using Kindling.Graphs;
using Kindling.IO;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx;

/// <summary>
/// Writes ONNX models (https://onnx.ai). Images become <c>[batch, C, H, W]</c> with an open batch; preprocessing, class names and licence go
/// into metadata_props. 8-bit activations are written as uint8, which ONNX Runtime fuses best.
/// </summary>
public static class OnnxWriter
{
    /// <summary>The oldest opset written.</summary>
    public const int OldestOpset = 7;

    /// <summary>The newest opset written.</summary>
    public const int NewestOpset = 21;

    /// <summary>The opset written unless another is asked for.</summary>
    public const int DefaultOpset = 17;

    private const long LargestFile = int.MaxValue - (1 << 20);

    /// <summary>Writes a file; it appears whole or not at all.</summary>
    /// <param name="graph">A float or int8 network.</param>
    /// <param name="path">The file.</param>
    /// <param name="opset">7 to 21; an int8 network needs at least 13 (QDQ) or 12 (QOperator).</param>
    /// <param name="quantization">How int8 layers are written.</param>
    /// <param name="weights">The element type of int8 layers' weights.</param>
    /// <exception cref="KindlingException">The opset is out of range, an operator has no ONNX form, or the file cannot be written.</exception>
    public static void Write(
        Graph graph, string path, int opset = DefaultOpset, OnnxQuantization quantization = OnnxQuantization.Qdq, OnnxWeights weights = OnnxWeights.UInt8)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, ToBytes(graph, opset, quantization, weights));
    }

    /// <summary>The bytes of the file.</summary>
    /// <exception cref="KindlingException">The opset is out of range or an operator has no ONNX form.</exception>
    public static byte[] ToBytes(
        Graph graph, int opset = DefaultOpset, OnnxQuantization quantization = OnnxQuantization.Qdq, OnnxWeights weights = OnnxWeights.UInt8)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var isQuantized = graph.Nodes.Any(n => n.Output.Type.IsQuantized());
        var oldest = !isQuantized ? OldestOpset : quantization == OnnxQuantization.Qdq ? 13 : 12;
        if (opset < oldest || opset > NewestOpset)
        {
            var what = !isQuantized ? "float networks" : quantization == OnnxQuantization.Qdq ? "int8 networks as QDQ" : "int8 networks as QOperator";
            throw new KindlingException($"{graph.Name}: opset {opset} cannot be written; {what} are written at opset {oldest} to {NewestOpset}");
        }

        if (graph.Constants.Sum(c => c.Bytes) > LargestFile)
            throw new KindlingException($"{graph.Name}: the constants do not fit into one ONNX file of 2^31 - 1 bytes");
        return ModelExporter.Export(graph, opset, quantization, weights).ToByteArray();
    }
}
