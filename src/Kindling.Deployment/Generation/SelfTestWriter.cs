using System.Text;

namespace Kindling.Deployment.Generation;

/// <summary>Writes the self-test's input and what the host computes from it.</summary>
internal static class SelfTestWriter
{
    public static string Write(GeneratedProject project, byte[]? given, HostRun host)
    {
        var input = given ?? SampleInputs.Noise(project.Graph, 1)[0];
        if (input.Length != project.InputBytes)
            throw new KindlingException($"the self-test input has {input.Length} bytes, the network's input {project.InputBytes}");
        var text = new StringBuilder("/* SPDX-License-Identifier: Apache-2.0 */\n/* Raw little-endian bytes of an input and of the host's output for it. */\n");
        text.Append("#ifndef SELF_TEST_INPUT_H\n#define SELF_TEST_INPUT_H\n\n#include <stdint.h>\n\n");
        CText.AppendBytes(text, "self_test_input", input);
        CText.AppendBytes(text, "self_test_output", host.Output(input));
        return text.Append("#endif\n").ToString();
    }
}
