using System.Globalization;
using System.Text;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>Writes network_config.h: everything a program must know of the network, as documented constants.</summary>
internal static class ConfigWriter
{
    public static string Write(GeneratedProject project, FrameFormat? frame)
    {
        var (graph, prefix) = (project.Graph, project.Symbol.ToUpperInvariant());
        var text = new StringBuilder(NetworkWriter.License);
        text.Append("/* The network's settings as constants. Nothing is declared here: include it wherever a number is needed. */\n");
        text.Append($"#ifndef {prefix}_CONFIG_H\n#define {prefix}_CONFIG_H\n\n");
        Define(text, "The model.", (prefix, "NAME", CText.String(graph.Name)), (prefix, "MACS", $"{graph.Macs} /* multiply-accumulates an inference */"));
        AppendInput(text, prefix, graph.Inputs[0], project.InputBytes);
        AppendPreprocessing(text, prefix, graph.Metadata.Preprocessing);
        AppendFrame(text, prefix, project.Symbol, frame, project.FrameRefusal);
        AppendOutput(text, prefix, graph.Outputs[0], project.OutputBytes);
        AppendClasses(text, prefix, project.Symbol, project.ClassNames);
        Define(
            text, "Memory in bytes; code and stack are not counted.",
            (prefix, "ARENA_BYTES", $"{project.ArenaBytes} /* RAM: input, output and all activations */"),
            (prefix, "WEIGHTS_BYTES", $"{project.WeightsFlashBytes} /* flash: weights, biases, requantization constants */"),
            (prefix, "TABLES_BYTES", $"{project.TableBytes} /* flash: lookup tables */"));
        return text.Append("#endif\n").ToString();
    }

    private static void AppendInput(StringBuilder text, string prefix, Value input, int bytes)
    {
        var shape = input.Shape;
        List<(string, string, string)> lines = [];
        if (shape.Rank == 4)
            lines = [(prefix, "INPUT_HEIGHT", $"{shape.Height}"), (prefix, "INPUT_WIDTH", $"{shape.Width}"), (prefix, "INPUT_CHANNELS", $"{shape.Channels}")];
        lines.AddRange([(prefix, "INPUT_ELEMENTS", $"{shape.ElementCount}"), (prefix, "INPUT_BYTES", $"{bytes}"), Type(prefix, "INPUT", input.Type)]);
        lines.AddRange(Quantization(prefix, "INPUT", input));
        Define(text, $"Input: {input.Type.Name()} {shape}, row by row, channels innermost{Meaning(input)}.", [.. lines]);
    }

    private static void AppendOutput(StringBuilder text, string prefix, Value output, int bytes)
    {
        List<(string, string, string)> lines = [(prefix, "OUTPUT_ELEMENTS", $"{output.Shape.ElementCount}"), (prefix, "OUTPUT_BYTES", $"{bytes}"), Type(prefix, "OUTPUT", output.Type)];
        lines.AddRange(Quantization(prefix, "OUTPUT", output));
        Define(text, $"Output: {output.Type.Name()} {output.Shape}{Meaning(output)}.", [.. lines]);
        var score = output is { Type: not ElementType.Float32, Quantization: { } q }
            ? $"({CText.Float(q.Scale)} * (float)((value) - ({q.ZeroPoint})))"
            : "((float)(value))";
        text.Append($"/* An element of the output as a real number. */\n#define {prefix}_SCORE(value) {score}\n\n");
    }

    private static void AppendPreprocessing(StringBuilder text, string prefix, Preprocessing? preprocessing)
    {
        if (preprocessing is null)
        {
            text.Append("/* The model does not say how photos become its input. */\n\n");
            return;
        }

        text.Append($"/*\n * Photos: resized ({Name(preprocessing.Interpolation)}) to the input's size, aspect ratio {Name(preprocessing.AspectRatio)}");
        if (preprocessing is { AspectRatio: AspectRatio.Crop, ShorterSide: { } side })
            text.Append($" (the shorter side brought to {side}, then the centre cut out)");
        text.Append($",\n * {Name(preprocessing.Color)}; then real = scale * pixel + offset with pixels from 0 to 255, which the input's scale and zero point quantize.\n");
        if (preprocessing.Standardization == Standardization.PerImage)
        {
            text.Append(" * Every photo is standardised over all its n values before it is quantized: (real - mean) / max(deviation, |scale| / sqrt(n)).\n");
            text.Append(" * Raw pixels do not fit this input.\n");
        }

        text.Append(" */\n");
        List<(string, string, string)> lines =
        [
            (prefix, $"COLOR_{CText.Upper(preprocessing.Color)}", "1"), (prefix, $"RESIZE_{CText.Upper(preprocessing.Interpolation)}", "1"), (prefix, $"ASPECT_{CText.Upper(preprocessing.AspectRatio)}", "1"),
            (prefix, "PIXEL_SCALE", Channels(preprocessing, preprocessing.ScaleOf)), (prefix, "PIXEL_OFFSET", Channels(preprocessing, preprocessing.OffsetOf)),
        ];
        if (preprocessing.Standardization == Standardization.PerImage)
            lines.Add((prefix, "STANDARDIZATION_PER_IMAGE", "1"));
        Define(text, null, [.. lines]);
    }

    private static void AppendFrame(StringBuilder text, string prefix, string symbol, FrameFormat? frame, string? refusal)
    {
        if (frame is null)
        {
            text.Append($"/* There is no function for camera frames: {CText.Comment(refusal!)}. */\n#define {prefix}_HAS_FRAME 0\n\n");
            return;
        }

        text.Append($"/* 1: {symbol}_input_from_frame() takes RGB565 frames of a camera. */\n#define {prefix}_HAS_FRAME 1\n\n");
    }

    private static void AppendClasses(StringBuilder text, string prefix, string symbol, IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return;
        text.Append($"/* Names of the output's elements in order, also as {symbol}_class_names[]. */\n#define {prefix}_CLASSES {names.Count}\n");
        text.Append($"#define {prefix}_CLASS_NAMES \\\n    {{ \\\n");
        foreach (var name in names)
            text.Append($"        {CText.String(name)}, \\\n");
        text.Append("    }\n\n");
    }

    private static void Define(StringBuilder text, string? comment, params ReadOnlySpan<(string Prefix, string Name, string Value)> lines)
    {
        if (comment is not null)
            text.Append($"/* {CText.Comment(comment)} */\n");
        foreach (var (prefix, name, value) in lines)
            text.Append($"#define {prefix}_{name} {value}\n");
        text.Append('\n');
    }

    private static (string, string, string) Type(string prefix, string end, ElementType type) => (prefix, $"{end}_TYPE_{type.Name().ToUpperInvariant()}", "1");

    private static (string, string, string)[] Quantization(string prefix, string end, Value value) =>
        value.Type.IsQuantized() && value.Quantization is { } q
            ? [(prefix, $"{end}_SCALE", CText.Float(q.Scale)), (prefix, $"{end}_ZERO_POINT", $"({q.ZeroPoint})")]
            : [];

    private static string Meaning(Value value) => value.Type.IsQuantized() && value.Quantization is not null ? "; real = scale * (value - zero point)" : "";

    private static string Channels(Preprocessing preprocessing, Func<int, float> value) =>
        $"{{ {string.Join(", ", Enumerable.Range(0, preprocessing.Channels).Select(c => CText.Float(value(c))))} }} /* one a channel */";

    private static string Name(Enum value) => value.ToString().ToLower(CultureInfo.InvariantCulture);
}
