namespace Kindling.Formats.Tflite;

/// <summary>A table: scalars in place, everything else by offset. Fields that hold their default are better left out.</summary>
internal sealed class FlatTableBuilder : FlatObject
{
    private readonly SortedDictionary<int, (int Bytes, uint Value, FlatObject? Child)> _fields = [];

    public FlatTableBuilder Byte(int field, byte value) => Set(field, 1, value, null);

    public FlatTableBuilder Int32(int field, int value) => Set(field, 4, (uint)value, null);

    public FlatTableBuilder Single(int field, float value) => Set(field, 4, BitConverter.SingleToUInt32Bits(value), null);

    public FlatTableBuilder Child(int field, FlatObject? child) => child is null ? this : Set(field, 4, 0, child);

    /// <inheritdoc/>
    public override int Write(FlatOutput output)
    {
        var offsets = Layout(out var tableBytes);
        output.Align(4);
        var entries = _fields.Count == 0 ? 0 : _fields.Keys.Max() + 1;
        var vtable = output.Position;
        output.UInt16(4 + (2 * entries));
        output.UInt16(tableBytes);
        for (var field = 0; field < entries; field++)
            output.UInt16(offsets.GetValueOrDefault(field));
        output.Align(4);
        var start = output.Position;
        output.UInt32((uint)(start - vtable));
        output.Zeros(tableBytes - 4);
        foreach (var (field, (bytes, value, _)) in _fields)
            output.Patch(start + offsets[field], bytes, value);
        foreach (var (field, (_, _, child)) in _fields)
        {
            if (child is not null)
                output.Patch(start + offsets[field], 4, (uint)(child.Write(output) - (start + offsets[field])));
        }

        return start;
    }

    private FlatTableBuilder Set(int field, int bytes, uint value, FlatObject? child)
    {
        _fields[field] = (bytes, value, child);
        return this;
    }

    // Wide fields first, so that every field is aligned.
    private Dictionary<int, int> Layout(out int tableBytes)
    {
        var offsets = new Dictionary<int, int>();
        tableBytes = 4;
        foreach (var (field, content) in _fields.OrderByDescending(f => f.Value.Bytes))
        {
            offsets[field] = tableBytes;
            tableBytes += content.Bytes;
        }

        return offsets;
    }
}
