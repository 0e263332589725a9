using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Quantization;
using Kindling.Tensors;
using Kindling.Zoo;

namespace Kindling.Deployment.Tests;

/// <summary>Networks from this zoo, quantized here, with every type of input and output.</summary>
public sealed class OwnQuantizedNetworkTests
{
    public static TheoryData<ElementType, ElementType, bool> Types => new()
    {
        { ElementType.UInt8, ElementType.Float32, true },
        { ElementType.Int8, ElementType.Int8, false },
        { ElementType.Float32, ElementType.UInt8, true },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void C_for_mobilenet_equals_the_host(ElementType input, ElementType output, bool perChannel) =>
        Check(MobileNetV1.Build(0.25, Options(64)), input, output, perChannel);

    [Theory]
    [MemberData(nameof(Types))]
    public void C_for_squeezenet_equals_the_host(ElementType input, ElementType output, bool perChannel) =>
        Check(SqueezeNet.V11(Options(64)), input, output, perChannel);

    [Theory]
    [InlineData("st_efficientnet_lc_v1", 64)]
    [InlineData("st_squeezenet_v1.0", 64)]
    [InlineData("squeezenet_v1.0_complex_bypass", 64)]
    [InlineData("squeezenet_notebook_v1", 32)]
    [InlineData("efficientnet_b0", 32)]
    public void C_for_every_other_family_equals_the_host(string name, int side) =>
        Check(
            ZooCatalogue.Find(name).Build(Options(side)), ElementType.UInt8, ElementType.Float32, perChannel: true,
            onBoard: name.StartsWith("st_", StringComparison.Ordinal));

    [Fact]
    public void C_for_a_network_with_split_channels_equals_the_host_also_by_way_of_tflite() =>
        Check(SqueezeNet.V11(Options(64)), ElementType.UInt8, ElementType.Float32, perChannel: true, split: ["fire2/squeeze1x1", "fire3/squeeze1x1"]);

    private static void Check(Graph network, ElementType input, ElementType output, bool perChannel, bool onBoard = true, string[]? split = null)
    {
        if (onBoard)
            Boards.Require();
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        Liven(network);
        var options = new QuantizationOptions { InputType = input, OutputType = output, PerChannel = perChannel, PerChannelDense = perChannel, Splitting = split is null ? null : new() { Layers = split } };
        var result = PostTrainingQuantizer.Quantize(network, Calibration(network), options);
        Assert.Equal(split ?? [], result.Splits.Select(s => s.Name));
        var graph = result.Graph;
        if (split is not null)
        {
            var file = Path.Combine(folder.Path, "net.tflite");
            TfliteWriter.Write(graph, file);
            graph = TfliteReader.Read(file);
            Assert.Equal(SampleInputs.Noise(graph, 2).Select(s => Host.Run(result.Graph, s)), SampleInputs.Noise(graph, 2).Select(s => Host.Run(graph, s)));
        }

        var samples = SampleInputs.Noise(graph, 2);
        var expected = samples.Select(s => Host.Run(graph, s)).ToList();
        Assert.Distinct(expected.Select(Convert.ToHexString));

        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net" });
        var built = HostProgram.Run([.. samples.Select(s => (project, s))], folder.Path, 0x33, "-O2");
        Assert.Equal(expected, built);
        if (!onBoard)
            return;
        var simulated = Simulator.Run(CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path), samples);

        Assert.Equal(expected, simulated.Outputs);
    }

    // Initial weights let signals fade from layer to layer; with He's variance every layer has something to say.
    private static void Liven(Graph network)
    {
        foreach (var node in network.Nodes.Where(n => n.Macs > 0))
        {
            var weights = node.Inputs[1];
            var terms = node.Macs / node.Output.Shape.ElementCount;
            var largest = 0f;
            foreach (var w in weights.Constant!.AsSpan<float>())
                largest = Math.Max(largest, Math.Abs(w));
            foreach (ref var w in weights.Constant.AsSpan<float>())
                w *= 1.2f * MathF.Sqrt(6f / terms) / largest;
        }

        // Weaker scores until no class takes all.
        while (LargestProbability(network) > 0.9f)
        {
            foreach (ref var w in network.Nodes.Last(n => n.Macs > 0).Inputs[1].Constant!.AsSpan<float>())
                w /= 2;
        }
    }

    private static float LargestProbability(Graph network)
    {
        using var executor = Executor.Compile(network, new ExecutorOptions { Batch = 4 });
        Calibration(network).Single().Span.CopyTo(MemoryMarshal.Cast<byte, float>(executor.InputBytes()));
        executor.Run();
        return executor.Output<float>().ToArray().Max();
    }

    private static ModelOptions Options(int side) => new() { Height = side, Width = side, Classes = 7, Seed = 3 };

    private static IEnumerable<ReadOnlyMemory<float>> Calibration(Graph network)
    {
        var stream = new RandomStream(9);
        var images = new float[4 * network.Inputs[0].Shape.ElementCount];
        foreach (ref var x in images.AsSpan())
            x = stream.NextSingle(-1, 1);
        return [images];
    }
}
