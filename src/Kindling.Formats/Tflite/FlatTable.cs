namespace Kindling.Formats.Tflite;

/// <summary>One table of a <see cref="FlatBuffer"/>: fields by number, with their defaults when absent.</summary>
internal readonly struct FlatTable
{
    private readonly FlatBuffer _buffer;
    private readonly int _position;
    private readonly int _bytes;
    private readonly int _vtable;
    private readonly int _vtableBytes;
    private readonly string _what;

    public FlatTable(FlatBuffer buffer, int position, int bytes, int vtable, int vtableBytes, string what)
    {
        _buffer = buffer;
        _position = position;
        _bytes = bytes;
        _vtable = vtable;
        _vtableBytes = vtableBytes;
        _what = what;
    }

    /// <summary>True when the table holds the field.</summary>
    public bool Has(int field) => Offset(field, 1) != 0;

    public byte Byte(int field, byte absent = 0) => Offset(field, 1) is > 0 and var at ? _buffer.Byte(at, _what) : absent;

    public bool Bool(int field) => Byte(field) != 0;

    public int Int32(int field, int absent = 0) => Offset(field, 4) is > 0 and var at ? _buffer.Int32(at, _what) : absent;

    public uint UInt32(int field, uint absent = 0) => Offset(field, 4) is > 0 and var at ? _buffer.UInt32(at, _what) : absent;

    public ulong UInt64(int field) => Offset(field, 8) is > 0 and var at ? _buffer.UInt64(at, _what) : 0;

    public float Single(int field, float absent = 0) =>
        Offset(field, 4) is > 0 and var at ? BitConverter.Int32BitsToSingle(_buffer.Int32(at, _what)) : absent;

    /// <summary>A text; null when absent.</summary>
    public string? Text(int field, string what) => Offset(field, 4) is > 0 and var at ? _buffer.Text(_buffer.Follow(at, what), what) : null;

    /// <summary>A table; null when absent.</summary>
    public FlatTable? Table(int field, string what) =>
        Offset(field, 4) is > 0 and var at ? _buffer.Table(_buffer.Follow(at, what), what) : null;

    /// <summary>The bytes of a vector; empty when absent.</summary>
    public ReadOnlyMemory<byte> Bytes(int field, string what, Memory<byte> file)
    {
        if (Offset(field, 4) is not (> 0 and var at))
            return default;
        var (start, count) = _buffer.Vector(_buffer.Follow(at, what), 1, what);
        return file.Slice(start, count);
    }

    /// <summary>A vector of 32-bit integers; empty when absent.</summary>
    public int[] Int32s(int field, string what)
    {
        var buffer = _buffer;
        return Elements(field, 4, what, at => buffer.Int32(at, what));
    }

    /// <summary>A vector of 64-bit integers; empty when absent.</summary>
    public long[] Int64s(int field, string what)
    {
        var buffer = _buffer;
        return Elements(field, 8, what, at => (long)buffer.UInt64(at, what));
    }

    /// <summary>A vector of floats; empty when absent.</summary>
    public float[] Singles(int field, string what)
    {
        var buffer = _buffer;
        return Elements(field, 4, what, at => BitConverter.Int32BitsToSingle(buffer.Int32(at, what)));
    }

    /// <summary>A vector of tables; empty when absent. Elements are described by their position after <paramref name="what"/>.</summary>
    public FlatTable[] Tables(int field, string what)
    {
        var buffer = _buffer;
        var index = 0;
        return Elements(field, 4, $"the list of {what}s", at =>
        {
            var element = $"{what} {index++}";
            return buffer.Table(buffer.Follow(at, element), element);
        });
    }

    private T[] Elements<T>(int field, int bytes, string what, Func<int, T> read)
    {
        if (Offset(field, 4) is not (> 0 and var at))
            return [];
        var (start, count) = _buffer.Vector(_buffer.Follow(at, what), bytes, what);
        var elements = new T[count];
        for (var i = 0; i < count; i++)
            elements[i] = read(start + (i * bytes));
        return elements;
    }

    /// <summary>Where the field lies; 0 when the table does not hold it.</summary>
    private int Offset(int field, int bytes)
    {
        var entry = 4 + (2 * field);
        if (entry + 2 > _vtableBytes)
            return 0;
        int offset = _buffer.UInt16(_vtable + entry, _what);
        if (offset == 0)
            return 0;
        if (offset < 4 || offset + bytes > _bytes)
            throw _buffer.Fault($"field {field} of {_what} lies at byte {offset} of a table of {_bytes} bytes (altered)");
        return _position + offset;
    }
}
