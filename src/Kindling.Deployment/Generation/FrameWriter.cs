using System.Text;
using Kindling.Graphs;

namespace Kindling.Deployment.Generation;

/// <summary>Writes network_frame.c: what the network wants of a camera's frame.</summary>
internal static class FrameWriter
{
    public static string Write(GeneratedProject project, FrameFormat format)
    {
        var (symbol, preprocessing) = (project.Symbol, format.Preprocessing);
        var text = new StringBuilder(NetworkWriter.License).Append("#include \"network.h\"\n\n");
        if (format.Table.Length > 0)
        {
            text.Append($"/* The input's byte for every pixel{(format.TableStep > 0 ? ", channel by channel" : "")}: scale, offset, the input's scale and its zero point in one. */\n");
            CText.AppendBytes(text, "table", format.Table);
        }

        foreach (var (name, values) in new[] { ("scale", format.Scale), ("offset", format.Offset) }.Where(a => a.Item2.Length > 0))
            text.Append($"static const float {name}[{values.Length}] = {{ {string.Join(", ", values.Select(CText.Float))} }};\n\n");
        text.Append($"const kindling_frame_input {symbol}_frame_format = {{\n");
        text.Append($"    .width = {preprocessing.Width},\n    .height = {preprocessing.Height},\n");
        text.Append($"    .shorter_side = {(preprocessing.AspectRatio == AspectRatio.Crop ? preprocessing.ShorterSide ?? 0 : 0)},\n");
        text.Append($"    .color = KINDLING_COLOR_{CText.Upper(preprocessing.Color)},\n    .resize = KINDLING_RESIZE_{CText.Upper(preprocessing.Interpolation)},\n");
        text.Append($"    .aspect = KINDLING_ASPECT_{CText.Upper(preprocessing.AspectRatio)},\n    .encode = KINDLING_ENCODE_{CText.Upper(format.Encoding)},\n");
        if (format.Table.Length > 0)
            text.Append($"    .table_step = {format.TableStep},\n    .table = table,\n");
        if (format.Scale.Length > 0)
            text.Append("    .scale = scale,\n    .offset = offset,\n");
        text.Append($"}};\n\nint {symbol}_input_from_frame(const kindling_frame *frame)\n{{\n");
        return text.Append($"    return kindling_frame_convert(frame, &{symbol}_frame_format, {symbol}_input());\n}}\n").ToString();
    }
}
