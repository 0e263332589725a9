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

    private static void Check(Graph network, ElementType input, ElementType output, bool perChannel)
    {
        Boards.Require();
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        Liven(network);
        var options = new QuantizationOptions { InputType = input, OutputType = output, PerChannel = perChannel, PerChannelDense = perChannel };
        var graph = PostTrainingQuantizer.Quantize(network, Calibration(network), options).Graph;
        var samples = SampleInputs.Noise(graph, 2);
        var expected = samples.Select(s => Host.Run(graph, s)).ToList();
        Assert.Distinct(expected.Select(Convert.ToHexString));

        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net" });
        var built = HostProgram.Run([.. samples.Select(s => (project, s))], folder.Path, 0x33, "-O2");
        var simulated = Simulator.Run(CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path), samples);

        Assert.Equal(expected, built);
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
