using Kindling.Graphs;
using Kindling.IO;

namespace Kindling.Formats.Tflite;

/// <summary>
/// Writes graphs as TFLite files (schema version 3), float or int8. Paddings become SAME or VALID where these mean the same, otherwise a PAD
/// operator goes in front; joined values of another scale pass a QUANTIZE first; clips to other ranges become MINIMUM and MAXIMUM. Preprocessing and
/// class names go into a metadata entry named <c>kindling</c>. The same graph gives the same bytes.
/// </summary>
public static class TfliteWriter
{
    /// <summary>Writes a file; it appears whole or not at all.</summary>
    /// <exception cref="KindlingException">TFLite has no operator for a node, or the file cannot be written; the message names the node or file.</exception>
    public static void Write(Graph graph, string path) => AtomicFile.Write(path, ToBytes(graph));

    /// <summary>Writes to a stream.</summary>
    /// <exception cref="KindlingException">TFLite has no operator for a node; the message names the node.</exception>
    public static void Write(Graph graph, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ToBytes(graph));
    }

    /// <summary>The content of the file.</summary>
    /// <exception cref="KindlingException">TFLite has no operator for a node; the message names the node.</exception>
    public static byte[] ToBytes(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var file = new TfliteFileBuilder(graph);
        var operators = new TfliteOperatorWriter(file);
        foreach (var node in graph.Nodes)
            operators.Write(node);
        return file.Finish();
    }
}
