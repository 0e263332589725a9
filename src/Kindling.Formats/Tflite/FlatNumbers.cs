using System.Runtime.InteropServices;

namespace Kindling.Formats.Tflite;

/// <summary>A vector of numbers.</summary>
internal sealed class FlatNumbers(ReadOnlyMemory<byte> bytes, int elementBytes, int alignment) : FlatObject
{
    public static FlatNumbers Of<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values).ToArray();
        var size = values.Length == 0 ? 1 : bytes.Length / values.Length;
        return new FlatNumbers(bytes, size, Math.Max(4, size));
    }

    /// <inheritdoc/>
    public override int Write(FlatOutput output)
    {
        output.AlignAfter(4, alignment);
        var start = output.Position;
        output.UInt32((uint)(bytes.Length / elementBytes));
        output.Append(bytes.Span);
        return start;
    }
}
