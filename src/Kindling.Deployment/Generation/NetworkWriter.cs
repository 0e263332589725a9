using System.Text;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>Writes network.h, network.c and the weights.</summary>
internal static class NetworkWriter
{
    /// <summary>The first line of every generated file.</summary>
    public const string License = "/* SPDX-License-Identifier: Apache-2.0 (this code; the weights are the model's) */\n";

    /// <summary>The C type of a graph's input or output.</summary>
    public static string CType(ElementType type) => type switch
    {
        ElementType.UInt8 => "uint8_t",
        ElementType.Int8 => "int8_t",
        ElementType.Float32 => "float",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public static string Header(GeneratedProject project)
    {
        var (graph, symbol) = (project.Graph, project.Symbol);
        var (input, output) = (graph.Inputs[0], graph.Outputs[0]);
        var prefix = symbol.ToUpperInvariant();
        var text = new StringBuilder(License);
        text.Append($"/* {CText.Comment(graph.Name)}: {graph.Macs} multiply-accumulates an inference. */\n");
        text.Append($"#ifndef {prefix}_NETWORK_H\n#define {prefix}_NETWORK_H\n\n#include <stdint.h>\n\n");
        if (project.FrameRefusal is null)
            text.Append("#include \"kindling_frame.h\"\n");
        text.Append("#include \"network_config.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
        text.Append("/* All activations. Its contents mean nothing between runs. */\n");
        text.Append($"extern int8_t {symbol}_arena[{prefix}_ARENA_BYTES];\n\n");
        if (project.ClassNames.Count > 0)
            text.Append($"/* Names of the output's elements, in order, UTF-8. */\nextern const char *const {symbol}_class_names[{prefix}_CLASSES];\n\n");
        var type = CType(input.Type);
        text.Append(project.HasRowsOfInput
            ? $"/* An image of {project.InputBytes} bytes, to fill and to pass to a run. It lies outside of the arena and is only linked where this is called. */\n"
            : "/* Where a run reads its input: fill it and pass it to the run to save a copy. A run overwrites it. */\n");
        text.Append($"{type} *{symbol}_input(void);\n\n");
        if (project.FrameRefusal is null)
        {
            text.Append($"/* Fills {symbol}_input() from a camera's frame, as the host prepares photos. Returns 0, or -1 when the frame has no pixels. */\n");
            text.Append($"int {symbol}_input_from_frame(const kindling_frame *frame);\n\n");
            text.Append("/* What it passes to kindling_frame_convert(); copy it to choose another resize or aspect ratio. */\n");
            text.Append($"extern const kindling_frame_input {symbol}_frame_format;\n\n");
        }

        text.Append("/* Computes output from input. Not reentrant: the arena is static. */\n");
        text.Append($"void {symbol}_run(const {type} *input, {CType(output.Type)} *output);\n\n");
        if (input.Shape.Rank == 4)
        {
            text.Append("/* Writes `count` rows of the input, from row `first` on, one behind the other. */\n");
            text.Append($"typedef void (*{symbol}_rows)(void *context, int32_t first, int32_t count, {type} *rows);\n\n");
            text.Append(project.HasRowsOfInput
                ? $"/* The same without an image: rows are asked for when they are needed, from the top{(project.RecomputedMacs > 0 ? ", and more than once" : "")}. */\n"
                : "/* The same with all rows asked for at once, in front of the run. */\n");
            text.Append($"void {symbol}_run_rows({symbol}_rows rows, void *context, {CType(output.Type)} *output);\n\n");
        }

        return text.Append("#ifdef __cplusplus\n}\n#endif\n\n#endif\n").ToString();
    }

    public static string Source(GeneratedProject project, NetworkSource source)
    {
        var (graph, symbol) = (project.Graph, project.Symbol);
        var prefix = symbol.ToUpperInvariant();
        var text = new StringBuilder(License);
        text.Append($"#include \"network.h\"\n\n#include <string.h>\n\n#include \"kernels/kindling_kernels.h\"\n{(source.Stages.Length > 0 ? "#include \"kernels/kindling_stage.h\"\n" : "")}#include \"network_weights.h\"\n\n");
        text.Append("/* Where the arena lies and how it is aligned; define it for your compiler and memory. */\n");
        text.Append("#ifndef KINDLING_ARENA_ATTRIBUTES\n#ifdef __GNUC__\n#define KINDLING_ARENA_ATTRIBUTES __attribute__((aligned(16)))\n");
        text.Append("#else\n#define KINDLING_ARENA_ATTRIBUTES\n#endif\n#endif\n\n");
        text.Append("#ifdef KINDLING_POISON\n#include \"../test/network_poison.h\"\n#endif\n\n");
        text.Append("/* What happens after each layer: nothing, unless a measuring build says otherwise. */\n");
        text.Append("#ifndef KINDLING_AFTER_LAYER\n#define KINDLING_AFTER_LAYER(step) ((void)0)\n#endif\n\n");
        text.Append($"int8_t {symbol}_arena[{prefix}_ARENA_BYTES] KINDLING_ARENA_ATTRIBUTES;\n\n");
        if (project.ClassNames.Count > 0)
            text.Append($"const char *const {symbol}_class_names[{prefix}_CLASSES] = {prefix}_CLASS_NAMES;\n\n");

        text.Append(source.Layers);
        if (project.HasRowsOfInput)
            text.Append($"/* Who gives rows of the input. */\ntypedef struct {{\n    {symbol}_rows rows;\n    void *context;\n}} rows_source;\n\n");
        text.Append(source.Stages);
        if (project.HasRowsOfInput)
            AppendRunOfRows(text, project, source);
        else
            AppendRun(text, project, source);
        return text.ToString();
    }

    /// <summary>The image that whoever has no rows of his own can fill.</summary>
    public static string Image(GeneratedProject project)
    {
        var type = CType(project.Graph.Inputs[0].Type);
        return $"{License}#include \"network.h\"\n\n{type} *{project.Symbol}_input(void)\n{{\n"
            + $"    static {type} image[{project.Symbol.ToUpperInvariant()}_INPUT_ELEMENTS];\n    return image;\n}}\n";
    }

    // The input lies in the arena.
    private static void AppendRun(StringBuilder text, GeneratedProject project, NetworkSource source)
    {
        var (symbol, input, output) = (project.Symbol, project.Graph.Inputs[0], project.Graph.Outputs[0]);
        var (inputType, outputType) = (CType(input.Type), CType(output.Type));
        text.Append($"{inputType} *{symbol}_input(void)\n{{\n    void *const address = {symbol}_arena + {project.Plan[input].Offset};\n");
        text.Append($"    return ({inputType} *)address;\n}}\n\n");
        text.Append($"void {symbol}_run(const {inputType} *input, {outputType} *output)\n{{\n    int8_t *const arena = {symbol}_arena;\n\n");
        text.Append($"    if (input != {symbol}_input()) {{\n        memcpy({symbol}_input(), input, {project.InputBytes});\n    }}\n\n");
        text.Append(source.Calls);
        text.Append($"\n    memcpy(output, arena + {project.Plan[output].Offset}, {project.OutputBytes});\n}}\n");
        if (input.Shape.Rank != 4)
            return;
        text.Append($"\nvoid {symbol}_run_rows({symbol}_rows rows, void *context, {outputType} *output)\n{{\n");
        text.Append($"    rows(context, 0, {input.Shape.Height}, {symbol}_input());\n    {symbol}_run({symbol}_input(), output);\n}}\n");
    }

    // Stages ask for rows of the input.
    private static void AppendRunOfRows(StringBuilder text, GeneratedProject project, NetworkSource source)
    {
        var (symbol, input, output) = (project.Symbol, project.Graph.Inputs[0], project.Graph.Outputs[0]);
        var (inputType, outputType) = (CType(input.Type), CType(output.Type));
        text.Append($"void {symbol}_run_rows({symbol}_rows rows, void *context, {outputType} *output)\n{{\n    int8_t *const arena = {symbol}_arena;\n");
        text.Append("    rows_source source = { rows, context };\n\n");
        text.Append(source.Calls);
        text.Append($"\n    memcpy(output, arena + {project.Plan[output].Offset}, {project.OutputBytes});\n}}\n\n");
        text.Append($"static void rows_of_image(void *context, int32_t first, int32_t count, {inputType} *rows)\n{{\n");
        text.Append($"    memcpy(rows, (const {inputType} *)context + first * {input.Shape.Width * input.Shape.Channels}, (size_t)count * {input.Shape.Width * input.Shape.Channels});\n}}\n\n");
        text.Append($"void {symbol}_run(const {inputType} *input, {outputType} *output)\n{{\n    {symbol}_run_rows(rows_of_image, (void *)input, output);\n}}\n");
    }

    public static string WeightsHeader(GeneratedProject project, NetworkSource source)
    {
        var guard = $"{project.Symbol.ToUpperInvariant()}_WEIGHTS_H";
        return $"{License}/* {project.WeightBytes} bytes of weights, {project.BiasBytes} of biases, {project.RequantizationBytes} of requantization constants. */\n"
            + $"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n\n{source.WeightDeclarations}\n#endif\n";
    }

    public static string Weights(GeneratedProject project, NetworkSource source) =>
        // C99 wants something in every translation unit.
        $"{License}#include \"network_weights.h\"\n\n"
        + (source.Weights.Length > 0 ? source.Weights.ToString() : $"extern const int8_t {project.Symbol}_no_weights;\n");
}
