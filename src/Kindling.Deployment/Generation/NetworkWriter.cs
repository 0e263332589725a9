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
        text.Append("/* Where a run reads its input: fill it and pass it to the run to save a copy. A run overwrites it. */\n");
        text.Append($"{CType(input.Type)} *{symbol}_input(void);\n\n");
        if (project.FrameRefusal is null)
        {
            text.Append($"/* Fills {symbol}_input() from a camera's frame, as the host prepares photos. Returns 0, or -1 when the frame has no pixels. */\n");
            text.Append($"int {symbol}_input_from_frame(const kindling_frame *frame);\n\n");
            text.Append("/* What it passes to kindling_frame_convert(); copy it to choose another resize or aspect ratio. */\n");
            text.Append($"extern const kindling_frame_input {symbol}_frame_format;\n\n");
        }

        text.Append("/* Computes output from input. Not reentrant: the arena is static. */\n");
        text.Append($"void {symbol}_run(const {CType(input.Type)} *input, {CType(output.Type)} *output);\n\n");
        return text.Append("#ifdef __cplusplus\n}\n#endif\n\n#endif\n").ToString();
    }

    public static string Source(GeneratedProject project, NetworkSource source)
    {
        var (graph, symbol) = (project.Graph, project.Symbol);
        var (input, output) = (graph.Inputs[0], graph.Outputs[0]);
        var (inputType, outputType) = (CType(input.Type), CType(output.Type));
        var prefix = symbol.ToUpperInvariant();
        var text = new StringBuilder(License);
        text.Append("#include \"network.h\"\n\n#include <string.h>\n\n#include \"kernels/kindling_kernels.h\"\n#include \"network_weights.h\"\n\n");
        text.Append("/* Where the arena lies and how it is aligned; define it for your compiler and memory. */\n");
        text.Append("#ifndef KINDLING_ARENA_ATTRIBUTES\n#ifdef __GNUC__\n#define KINDLING_ARENA_ATTRIBUTES __attribute__((aligned(16)))\n");
        text.Append("#else\n#define KINDLING_ARENA_ATTRIBUTES\n#endif\n#endif\n\n");
        text.Append("/* What happens after each layer: nothing, unless a measuring build says otherwise. */\n");
        text.Append("#ifndef KINDLING_AFTER_LAYER\n#define KINDLING_AFTER_LAYER(step) ((void)0)\n#endif\n\n");
        text.Append($"int8_t {symbol}_arena[{prefix}_ARENA_BYTES] KINDLING_ARENA_ATTRIBUTES;\n\n");
        if (project.ClassNames.Count > 0)
            text.Append($"const char *const {symbol}_class_names[{prefix}_CLASSES] = {prefix}_CLASS_NAMES;\n\n");

        text.Append(source.Layers);
        text.Append($"{inputType} *{symbol}_input(void)\n{{\n    void *const address = {symbol}_arena + {project.Plan[input].Offset};\n");
        text.Append($"    return ({inputType} *)address;\n}}\n\n");
        text.Append($"void {symbol}_run(const {inputType} *input, {outputType} *output)\n{{\n    int8_t *const arena = {symbol}_arena;\n\n");
        text.Append($"    if (input != {symbol}_input()) {{\n        memcpy({symbol}_input(), input, {project.InputBytes});\n    }}\n\n");
        text.Append(source.Calls);
        text.Append($"\n    memcpy(output, arena + {project.Plan[output].Offset}, {project.OutputBytes});\n}}\n");
        return text.ToString();
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
