namespace Kindling.Formats.Tflite;

/// <summary>A vector of tables.</summary>
internal sealed class FlatList(IReadOnlyList<FlatObject> items) : FlatObject
{
    /// <inheritdoc/>
    public override int Write(FlatOutput output)
    {
        output.Align(4);
        var start = output.Position;
        output.UInt32((uint)items.Count);
        output.Zeros(4 * items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var slot = start + 4 + (4 * i);
            output.Patch(slot, 4, (uint)(items[i].Write(output) - slot));
        }

        return start;
    }
}
