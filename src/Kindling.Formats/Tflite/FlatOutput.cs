using System.Buffers.Binary;
using System.Text;

namespace Kindling.Formats.Tflite;

/// <summary>The growing bytes of a FlatBuffer, written front to back; offsets are filled in once their targets are there.</summary>
internal sealed class FlatOutput
{
    private byte[] _bytes = new byte[1 << 16];

    public int Position { get; private set; }

    /// <summary>The finished file.</summary>
    public static byte[] Finish(FlatObject root, string identifier)
    {
        var output = new FlatOutput();
        output.UInt32(0);
        output.Append(Encoding.ASCII.GetBytes(identifier));
        output.Patch(0, 4, (uint)root.Write(output));
        return output._bytes[..output.Position];
    }

    public void UInt16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
        Append(bytes);
    }

    public void UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Append(bytes);
    }

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Zeros(int count) => Take(count).Clear();

    public void Align(int alignment) => AlignAfter(0, alignment);

    /// <summary>Pads so that what follows <paramref name="bytes"/> further bytes is aligned.</summary>
    public void AlignAfter(int bytes, int alignment) => Zeros((alignment - ((Position + bytes) % alignment)) % alignment);

    public void Patch(int position, int bytes, uint value)
    {
        Span<byte> raw = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(raw, value);
        raw[..bytes].CopyTo(_bytes.AsSpan(position));
    }

    private Span<byte> Take(int count)
    {
        var end = checked(Position + count);
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, 2L * _bytes.Length)));
        var taken = _bytes.AsSpan(Position, count);
        Position = end;
        return taken;
    }
}
