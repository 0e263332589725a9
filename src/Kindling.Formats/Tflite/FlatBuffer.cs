using System.Buffers.Binary;
using System.Text;

namespace Kindling.Formats.Tflite;

/// <summary>
/// Reads a FlatBuffer without trusting it: every offset, vtable, length and string is checked against the file before it is followed, and
/// what the file's vectors add up to is limited, since vectors may overlap.
/// </summary>
internal sealed class FlatBuffer
{
    // A sound file refers to each of its bytes about once (shared buffers a few times).
    private const int MostReadsOfAByte = 8;
    private const int SmallestBudget = 1 << 16;
    private readonly byte[] _bytes;
    private long _budget;

    public FlatBuffer(byte[] bytes, string file)
    {
        _bytes = bytes;
        File = file;
        _budget = ((long)bytes.Length * MostReadsOfAByte) + SmallestBudget;
    }

    /// <summary>The file's name, for messages.</summary>
    public string File { get; }

    /// <summary>Bytes of the file.</summary>
    public int Length => _bytes.Length;

    /// <summary>The table the file starts with.</summary>
    public FlatTable Root() => Table(Follow(0, "the root table"), "the root table");

    /// <summary>The fault of a file, with its name in front.</summary>
    public ModelFormatException Fault(string problem) => new($"{File}: {problem}");

    internal byte Byte(int position, string what) => Slice(position, 1, what)[0];

    internal ushort UInt16(int position, string what) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(position, 2, what));

    internal int Int32(int position, string what) => BinaryPrimitives.ReadInt32LittleEndian(Slice(position, 4, what));

    internal uint UInt32(int position, string what) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(position, 4, what));

    internal ulong UInt64(int position, string what) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(position, 8, what));

    internal ReadOnlySpan<byte> Slice(int position, int length, string what)
    {
        if (position < 0 || length < 0 || (long)position + length > _bytes.Length)
            throw Fault($"{what} lies at byte {position} to {(long)position + length}, outside the file's {_bytes.Length} bytes (truncated or altered)");
        return _bytes.AsSpan(position, length);
    }

    /// <summary>The target of the forward offset stored at a position.</summary>
    internal int Follow(int position, string what)
    {
        var offset = UInt32(position, what);
        var target = position + (long)offset;
        if (offset == 0 || target > _bytes.Length - 4)
            throw Fault($"the offset of {what} at byte {position} points to byte {target}, outside the file's {_bytes.Length} bytes (truncated or altered)");
        return (int)target;
    }

    internal FlatTable Table(int position, string what)
    {
        Charge(4, what);
        var vtable = position - (long)Int32(position, what);
        if (vtable < 0 || vtable > _bytes.Length - 4)
            throw Fault($"the vtable of {what} lies at byte {vtable}, outside the file (truncated or altered)");
        int vtableBytes = UInt16((int)vtable, what);
        int tableBytes = UInt16((int)vtable + 2, what);
        if (vtableBytes < 4 || vtableBytes % 2 != 0 || tableBytes < 4)
            throw Fault($"the vtable of {what} is damaged: {vtableBytes} bytes for a table of {tableBytes}");
        Slice((int)vtable, vtableBytes, what);
        Slice(position, tableBytes, what);
        return new FlatTable(this, position, tableBytes, (int)vtable, vtableBytes, what);
    }

    /// <summary>First element and number of elements of the vector at a position.</summary>
    internal (int Start, int Count) Vector(int position, int elementBytes, string what)
    {
        var count = UInt32(position, what);
        var bytes = (long)count * elementBytes;
        if (position + 4L + bytes > _bytes.Length)
            throw Fault($"{what} claims {count} elements, more than the file holds (truncated or altered)");
        Charge(bytes, what);
        return (position + 4, (int)count);
    }

    internal string Text(int position, string what)
    {
        var (start, count) = Vector(position, 1, what);
        try
        {
            return StrictUtf8.GetString(Slice(start, count, what));
        }
        catch (DecoderFallbackException e)
        {
            throw new ModelFormatException($"{File}: {what} is not UTF-8 text", e);
        }
    }

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private void Charge(long bytes, string what)
    {
        _budget -= bytes;
        if (_budget < 0)
            throw Fault($"{what} makes the file's tables overlap too often (altered)");
    }
}
