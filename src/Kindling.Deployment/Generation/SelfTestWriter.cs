using System.Text;
using Kindling.Execution;

namespace Kindling.Deployment.Generation;

/// <summary>Writes the self-test's input and what the host computes from it.</summary>
internal static class SelfTestWriter
{
    private const int BytesPerLine = 32;

    public static string Write(GeneratedProject project, byte[]? given)
    {
        var input = given ?? SampleInputs.Noise(project.Graph, 1)[0];
        if (input.Length != project.InputBytes)
            throw new KindlingException($"the self-test input has {input.Length} bytes, the network's input {project.InputBytes}");
        using var executor = Executor.Compile(project.Graph, new ExecutorOptions { Threads = 1, Optimize = false });
        input.CopyTo(executor.InputBytes());
        executor.Run();

        var text = new StringBuilder("/* SPDX-License-Identifier: Apache-2.0 */\n/* Raw little-endian bytes of an input and of the host's output for it. */\n");
        text.Append("#ifndef SELF_TEST_INPUT_H\n#define SELF_TEST_INPUT_H\n\n#include <stdint.h>\n\n");
        Append(text, "self_test_input", input);
        Append(text, "self_test_output", executor.ValueBytes(project.Graph.Outputs[0]));
        return text.Append("#endif\n").ToString();
    }

    private static void Append(StringBuilder text, string name, ReadOnlySpan<byte> bytes)
    {
        text.Append($"static const uint8_t {name}[{bytes.Length}] = {{");
        for (var i = 0; i < bytes.Length; i++)
            text.Append(i % BytesPerLine == 0 ? "\n    " : " ").Append(bytes[i]).Append(',');
        text.Append("\n};\n\n");
    }
}
