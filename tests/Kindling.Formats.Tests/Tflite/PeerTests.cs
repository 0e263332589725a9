using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;

namespace Kindling.Tests.Tflite;

/// <summary>Files our writer wrote open in an independent runtime (XNNPACK) and give its answers within the difference of the two arithmetic families.</summary>
public sealed class PeerTests
{
    [Theory]
    [InlineData("mobilenet_v1_0.25_96", 8)]
    [InlineData("squeezenet_v1.1_128", 8)]
    [InlineData("mobilenet_v1_0.25_96_grayscale", 8)]
    [InlineData("st_efficientnet_lc_v1_128", 8)]
    [InlineData("squeezenet_v1.1_224", 18)]
    public void A_published_model_written_again_has_the_same_top_class_in_another_runtime(string name, int most256ths)
    {
        var graph = TfliteReader.Read(GoldenModels.Load(name).Path);
        var file = TfliteWriter.ToBytes(graph);
        for (var input = 0; input < 2; input++)
            AssertClose(graph, file, GoldenTests.InputOf(graph, input), most256ths / 256f);
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    [InlineData("st_efficientnet_lc_v1_128")]
    public void Another_runtime_answers_the_same_to_the_bit_for_a_published_file_and_for_what_we_write_after_reading_it(string name)
    {
        var path = GoldenModels.Load(name).Path;
        var graph = TfliteReader.Read(path);
        var input = GoldenTests.InputOf(graph, 1);
        Assert.Equal(PeerRuntime.Run(File.ReadAllBytes(path), input), PeerRuntime.Run(TfliteWriter.ToBytes(graph), input));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_small_int8_network_has_the_same_top_class_in_another_runtime(int seed)
    {
        var graph = SmallNetworks.Int8(seed);
        var input = new byte[graph.Inputs[0].Bytes];
        new Random(seed).NextBytes(input);
        AssertClose(graph, TfliteWriter.ToBytes(graph), input, 5 / 256f);
    }

    [Fact]
    public void A_float_network_gives_the_same_numbers_in_another_runtime()
    {
        var graph = SmallNetworks.Float();
        var input = new float[graph.Inputs[0].Shape.ElementCount];
        var random = new Random(1);
        foreach (ref var value in input.AsSpan())
            value = random.NextSingle();
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(input.AsSpan()).ToArray();
        AssertClose(graph, TfliteWriter.ToBytes(graph), bytes, 1e-5f);
    }

    private static void AssertClose(Graph graph, byte[] file, byte[] input, float most)
    {
        var theirs = PeerRuntime.Run(file, input);
        GraphTracer.Run(graph, input, out var outputs);
        var ours = outputs[0].AsSpan<float>().ToArray();
        Assert.Equal(ours.Length, theirs.Length);
        Assert.Equal(Array.IndexOf(ours, ours.Max()), Array.IndexOf(theirs, theirs.Max()));
        for (var i = 0; i < ours.Length; i++)
            Assert.True(MathF.Abs(ours[i] - theirs[i]) <= most, $"output {i}: {ours[i]} here, {theirs[i]} there");
    }
}
