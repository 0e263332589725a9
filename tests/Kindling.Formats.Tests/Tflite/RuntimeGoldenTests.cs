using System.Security.Cryptography;
using System.Text.Json;
using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Tests.Tflite;

/// <summary>The published models give what TensorFlow Lite Micro and, in the other arithmetic, XNNPACK (LiteRT on phones and in browsers) give.</summary>
public sealed class RuntimeGoldenTests
{
    public static TheoryData<string> Models =>
    [
        "mobilenet_v1_0.25_96", "mobilenet_v1_0.25_96_grayscale", "mobilenet_v1_0.25_224", "squeezenet_v1.0_128", "squeezenet_v1.1_128",
        "squeezenet_v1.1_224", "st_efficientnet_lc_v1_128", "st_efficientnet_lc_v1_224",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void TFLite_Micro_s_column_every_operator_and_the_outputs(string name)
    {
        var golden = Load(name);
        AssertOperators(golden, name, Int8Arithmetic.TfliteMicro, golden.Operators.Select(o => o.TfliteMicro), golden.Outputs["tflite-micro"]);
    }

    // No XNNPACK runtime runs all of EfficientNet as XNNPACK: its operators are no witnesses, its outputs are.
    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("mobilenet_v1_0.25_96_grayscale")]
    [InlineData("mobilenet_v1_0.25_224")]
    [InlineData("squeezenet_v1.0_128")]
    [InlineData("squeezenet_v1.1_128")]
    [InlineData("squeezenet_v1.1_224")]
    public void XNNPACK_s_column_every_operator_and_LiteRT_s_outputs(string name)
    {
        var golden = Load(name);
        AssertOperators(golden, name, Int8Arithmetic.Xnnpack, golden.Operators.Select(o => o.Xnnpack), golden.Outputs["litertjs"]);
    }

    [Fact]
    public void LiteRT_s_outputs_of_an_EfficientNet()
    {
        var golden = Load("st_efficientnet_lc_v1_128");
        Assert.Equal(golden.Outputs["litertjs"], Trace(golden, Int8Arithmetic.Xnnpack, out _));
    }

    [Fact]
    public void The_optimized_graph_gives_LiteRT_s_outputs_on_any_number_of_threads()
    {
        var golden = Load("squeezenet_v1.1_128");
        foreach (var threads in new[] { 1, 3 })
        {
            using var executor = Executor.Compile(golden.Graph, new ExecutorOptions { Arithmetic = Int8Arithmetic.Xnnpack, Threads = threads });
            golden.Input.CopyTo(executor.InputBytes());
            executor.Run();
            Assert.Equal(golden.Outputs["litertjs"], executor.Output<float>().ToArray());
        }
    }

    private static void AssertOperators(Golden golden, string name, Int8Arithmetic arithmetic, IEnumerable<string> expected, float[] outputs)
    {
        Assert.Equal(outputs, Trace(golden, arithmetic, out var hashes));
        var differing = expected.Zip(hashes).Select((pair, i) => (Index: i, pair.First, pair.Second)).Where(p => p.First != p.Second).Select(p => p.Index).ToList();
        Assert.True(differing.Count == 0, $"{name}: operators {string.Join(", ", differing)} differ");
        Assert.Equal(golden.Operators.Count, hashes.Count);
    }

    private static float[] Trace(Golden golden, Int8Arithmetic arithmetic, out List<string> hashes)
    {
        var all = new List<string>();
        GraphTracer.Run(
            golden.Graph, golden.Input, out var outputs, arithmetic: arithmetic,
            visit: (_, bytes) => all.Add(Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]));
        hashes = all;
        return outputs[0].AsSpan<float>().ToArray();
    }

    private sealed record Golden(Graph Graph, byte[] Input, IReadOnlyDictionary<string, float[]> Outputs, IReadOnlyList<(string TfliteMicro, string Xnnpack)> Operators);

    private static Golden Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("golden/tflite-golden.json")));
        var model = document.RootElement.GetProperty("models").GetProperty($"flowers_{name}");
        var graph = TfliteReader.Read(SharedData.Require($"models/st/{name}_flowers_int8.tflite"));
        var input = new byte[graph.Inputs[0].Bytes];
        for (var i = 0u; i < input.Length; i++)
            input[i] = (byte)(((i * 1103515245) + 12345) >> 16);
        return new Golden(
            graph, input,
            model.GetProperty("outputs_by_seed").GetProperty("0").EnumerateObject().ToDictionary(
                p => p.Name, p => p.Value.EnumerateArray().Select(v => v.GetSingle()).ToArray()),
            // Operators that only compute shapes disappear when a file is read.
            [.. model.GetProperty("per_op_seed0").EnumerateArray()
                .Where(o => o[1].GetString() is not ("SHAPE" or "STRIDED_SLICE" or "PACK"))
                .Select(o => (o[3].GetString()!, o[4].GetString()!))]);
    }
}
