using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Tests;

public sealed class WholeNetworkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_network_of_all_operators_equals_the_host_whatever_the_arena_held_before(long seed)
    {
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        var (graph, input) = AllOperators(seed);
        Assert.True(graph.Nodes.Count >= 20, $"{graph.Nodes.Count} nodes");
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net" });
        var expected = Host.Run(graph, input);

        var zeros = HostProgram.Run([(project, input)], folder.Path, 0, HostProgram.Sanitized);
        var ones = HostProgram.Run([(project, input), (project, input)], folder.Path, 0xFF, "-O2");

        Assert.NotEqual(expected, Host.Run(graph, [.. input.Select(b => (byte)~b)]));
        Assert.Equal([expected], zeros);
        Assert.Equal([expected, expected], ones);
    }

    [Theory]
    [InlineData("stm32h7")]
    [InlineData("stm32l4")]
    public void A_network_of_all_operators_equals_the_host_on_a_simulated_board(string target)
    {
        Boards.Require();
        var (graph, input) = AllOperators(4);

        var result = DeploymentBenchmark.Run(graph, Targets.Find(target), [input, new byte[input.Length]]);

        Assert.Equal(2, result.OutputsEqualHost);
        Assert.Equal(2, result.Inputs);
        Assert.Equal(graph.Macs, result.Macs);
        Assert.True(result.Fits);
        Assert.InRange(result.StackBytes, 40, 1024);
        Assert.InRange(result.Instructions, result.Macs, result.Macs * 100);
        Assert.InRange(result.CodeFlashBytes, 2000, 16 * 1024);
    }

    [Fact]
    public void Instruction_counts_repeat_exactly()
    {
        Boards.Require();
        var (graph, input) = AllOperators(5);
        var target = Targets.Find("stm32h7");

        var counts = Enumerable.Range(0, 2).Select(_ => DeploymentBenchmark.Run(graph, target, [input]).Instructions).ToArray();

        Assert.Equal(counts[0], counts[1]);
    }

    [Fact]
    public void Two_inputs_share_nothing_but_the_code()
    {
        Boards.Require();
        var (graph, input) = AllOperators(6);
        using var folder = new TemporaryFolder();
        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "c"));
        var image = CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path);
        var other = input.Select(b => (byte)~b).ToArray();

        var outputs = Simulator.Run(image, [input, other, input]).Outputs;

        Assert.Equal(outputs[0], outputs[2]);
        Assert.Equal(Host.Run(graph, other), outputs[1]);
    }

    /// <summary>A small network with every operator that C is generated for.</summary>
    internal static (Graph Graph, byte[] Input) AllOperators(long seed)
    {
        var n = new RandomNetwork(seed);
        var x = n.Quantize(n.Input(new Shape(1, 17, 15, 3), ElementType.UInt8), ElementType.Int8, sameScale: true);
        x = n.Conv2D(x, 8, 3, 2, new Padding(0, 0, 1, 1), 1, Activation.Relu6);
        x = n.DepthwiseConv2D(x, 3, 1, Padding.Uniform(1), 1, Activation.Relu);
        x = n.Conv2D(x, 12, 1, 1, default, 1);
        x = n.Pad(x, new Padding(1, 0, 1, 2));
        x = n.MaxPool2D(x, 3, 2, new Padding(0, 0, 1, 1));
        var squeeze = n.Conv2D(x, 4, 1, 1, default, 1, Activation.Relu);
        var left = n.MaxPool2D(squeeze, 1, 1, default);
        var right = n.MaxPool2D(squeeze, 3, 1, Padding.Uniform(1));
        x = n.Concat(3, left, right);
        x = n.Add(x, n.DepthwiseConv2D(x, 3, 1, Padding.Uniform(1), 1));
        var gate = n.Mean(x, keep: true);
        gate = n.Conv2D(gate, 8, 1, 1, default, 1);
        gate = n.Sigmoid(n.Clip(gate, -4, 4));
        x = n.Multiply(x, gate);
        x = n.Subtract(x, n.Mean(x, keep: true));
        x = n.AveragePool2D(x, 2, 2, default);
        var flat = n.Reshape(x, new Shape(1, x.Shape.ElementCount));
        flat = n.Dense(flat, 10, Activation.Relu);
        x = n.Dense(flat, 7);
        x = n.Dequantize(n.Softmax(x));
        return (n.Build($"all operators {seed}", x), n.Sample());
    }
}
