using Google.Protobuf;
using Kindling.Formats.Onnx.Import;
using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs;

namespace Kindling.Formats.Onnx;

/// <summary>
/// Reads ONNX models (https://onnx.ai): image classifiers of opset 1 to 23, float, QDQ or QOperator. The graph is in Kindling's own layout:
/// images <c>[N, H, W, C]</c>, batch 1; transposes and reshapes between layouts are absorbed. 8-bit networks become int8 graphs that run in
/// the integer executor, rounded as ONNX specifies: once, half to even.
/// </summary>
public static class OnnxReader
{
    /// <summary>Reads a file. Tensors in files of their own are read from the model's folder only.</summary>
    /// <exception cref="KindlingException">The file cannot be opened.</exception>
    /// <exception cref="ModelFormatException">The file is truncated, altered, or holds what is not supported; the message names the node and operator.</exception>
    public static Graph Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            var length = new FileInfo(path).Length;
            if (length > Array.MaxLength)
                throw new ModelFormatException($"{path} has {length} bytes; an ONNX file has at most 2^31 - 1 (larger tensors lie in files of their own)");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"{path} cannot be read: {e.Message}", e);
        }

        return Read(bytes, path, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads a model from memory; all its tensors must be in it.</summary>
    /// <param name="bytes">The file's content.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ModelFormatException">The bytes are no model, or hold what is not supported.</exception>
    public static Graph Read(ReadOnlySpan<byte> bytes, string name) => Read(bytes, name, folder: null);

    private static Graph Read(ReadOnlySpan<byte> bytes, string file, string? folder)
    {
        try
        {
            return ModelImporter.Import(ModelProto.Parser.ParseFrom(bytes), file, folder);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IndexOutOfRangeException)
        {
            // Google.Protobuf runs over the end of some truncated numbers instead of reporting them.
            throw new ModelFormatException($"{file} is no ONNX model, or is damaged: {e.Message}", e);
        }
        catch (Exception e) when (e is GraphException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException($"{file} makes no valid graph: {e.Message}", e);
        }
    }
}
