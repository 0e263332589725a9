using System.Text;

namespace Kindling.Formats.Tflite;

/// <summary>A text.</summary>
internal sealed class FlatText(string text) : FlatObject
{
    /// <inheritdoc/>
    public override int Write(FlatOutput output)
    {
        output.Align(4);
        var start = output.Position;
        var bytes = Encoding.UTF8.GetBytes(text);
        output.UInt32((uint)bytes.Length);
        output.Append(bytes);
        output.Zeros(1);
        return start;
    }
}
