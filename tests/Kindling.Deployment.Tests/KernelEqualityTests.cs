using System.Text.RegularExpressions;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Tests;

/// <summary>Every C kernel against the host's reference kernel on random shapes, scales and attributes, under gcc's sanitizers.</summary>
public sealed class KernelEqualityTests
{
    private const int CasesEach = 3;
    private const int SpreadCases = 5;

    /// <summary>One-operator networks of random shapes, scales and attributes.</summary>
    internal static readonly Dictionary<string, Func<RandomNetwork, Value>> Operators = new()
    {
        ["conv"] = n => n.Conv2D(
            n.Input(Image(n, 10, 7)), n.Next(1, 9), new Size2D(n.Next(1, 4), n.Next(1, 4)), new Size2D(n.Next(1, 2), n.Next(1, 3)), Border(n, 2),
            new Size2D(n.Next(1, 2), n.Next(1, 2)), Any(n), perChannel: n.Next(0, 1) == 1, bias: n.Next(0, 3) > 0),
        ["conv of fours"] = n => n.Conv2D(
            n.Input(new Shape(1, n.Next(3, 8), n.Next(3, 8), 4 * n.Next(1, 9))), n.Next(1, 13), new Size2D(n.Next(1, 3), n.Next(1, 3)),
            new Size2D(n.Next(1, 2), n.Next(1, 2)), Border(n, 2), new Size2D(n.Next(1, 2), n.Next(1, 2)), Any(n)),
        ["pointwise"] = n => n.Conv2D(n.Input(new Shape(1, n.Next(1, 6), n.Next(1, 6), 4 * n.Next(1, 24))), n.Next(2, 20), 1, 1, default, 1, Any(n)),
        ["pointwise with ReLU outputs"] = n => n.Conv2D(n.Input(new Shape(1, 5, 5, 8 * n.Next(1, 9))), n.Next(2, 9), 1, 1, default, 1, Activation.Relu, zeroPoint: -128),
        ["first conv"] = n => n.Conv2D(
            n.Input(new Shape(1, n.Next(5, 12), n.Next(5, 12), n.Next(1, 3))), 8, 3, 2, new Padding(0, 0, 1, 1), 1, Activation.Relu, zeroPoint: -128),
        ["conv into a slice"] = n =>
        {
            var x = n.Input(new Shape(1, 5, 6, 8));
            var s = n.Conv2D(x, 6, 1, 1, default, 1, Activation.Relu, zeroPoint: -128);
            return n.Concat(3, n.MaxPool2D(s, 3, 1, Padding.Uniform(1)), n.MaxPool2D(s, 1, 1, default));
        },
        ["conv with large factors"] = n => n.Conv2D(n.Input(Image(n, 4)), 5, 1, 1, default, 1, gain: 5000),
        ["depthwise"] = n => n.DepthwiseConv2D(
            n.Input(Image(n, 13, 9)), new Size2D(n.Next(1, 5), n.Next(1, 4)), new Size2D(n.Next(1, 3), n.Next(1, 2)), Border(n, 2),
            new Size2D(n.Next(1, 2), n.Next(1, 2)), Any(n)),
        ["depthwise 3x3"] = n => Depthwise(n, 3, 1),
        ["depthwise 3x3 with strides"] = n => Depthwise(n, 3, 2),
        ["depthwise 5x5"] = n => Depthwise(n, 5, 1),
        ["depthwise 5x5 with strides"] = n => Depthwise(n, 5, 2),
        ["dense"] = n => n.Dense(n.Input(new Shape(1, n.Next(1, 70))), n.Next(1, 12), Any(n), perChannel: n.Next(0, 1) == 1, gain: n.Next(1, 3)),
        ["max pool"] = n => n.MaxPool2D(n.Input(Image(n, 7)), new Size2D(3, n.Next(2, 3)), new Size2D(n.Next(1, 3), 2), Border(n, 1), Any(n)),
        ["max pool of fours"] = n => n.MaxPool2D(
            n.Input(new Shape(1, 7, 8, 4 * n.Next(1, 4))), new Size2D(3, n.Next(2, 3)), new Size2D(n.Next(1, 3), 2), Border(n, 1), Any(n)),
        ["average pool"] = n => n.AveragePool2D(
            n.Input(Image(n, 7)), new Size2D(n.Next(2, 3), 3), new Size2D(2, n.Next(1, 3)), Border(n, 1), countIncludesPadding: n.Next(0, 1) == 1),
        ["mean"] = n => n.Mean(n.Input(new Shape(1, n.Next(1, 30), n.Next(1, 30), n.Next(1, 9))), keep: n.Next(0, 1) == 1),
        ["mean of many pixels"] = n => n.Mean(n.Input(new Shape(1, 30, n.Next(9, 30), n.Next(4, 9)))),
        ["add"] = n => Twice(n, (x, y) => n.Add(x, y, Any(n))),
        ["add constant"] = n => n.Add(n.Input(new Shape(1, 3, 4, 6)), n.Operand(6)),
        ["subtract"] = n => Twice(n, (x, y) => n.Subtract(x, y, Any(n))),
        ["subtract by channel"] = n => { var x = n.Input(Image(n, 6)); return n.Subtract(x, n.Mean(x, keep: true)); },
        ["subtract constant"] = n => n.Subtract(n.Input(new Shape(1, 3, 4, 6)), n.Operand(6), Any(n)),
        ["subtract to large outputs"] = n => Twice(n, (x, y) => n.Subtract(x, y, Any(n), gain: 1 << 21)),
        ["multiply"] = n => Twice(n, n.Multiply),
        ["multiply by channel"] = n => { var x = n.Input(Image(n, 6)); return n.Multiply(x, n.Mean(x, keep: true)); },
        ["multiply by constant"] = n => n.Multiply(n.Input(new Shape(1, 3, 4, 6)), n.Operand(6)),
        ["concat of rows"] = n => { var x = n.Input(Image(n, 5)); return n.Concat(1, x, n.MaxPool2D(x, 1, 1, default)); },
        ["concat of channels"] = n => { var x = n.Input(Image(n, 5)); return n.Concat(3, x, n.MaxPool2D(x, 1, 1, default), n.Clip(x, -1, 1)); },
        ["pad"] = n => n.Pad(n.Input(Image(n, 5)), new Padding(n.Next(0, 2), n.Next(0, 3), n.Next(0, 3), n.Next(0, 2))),
        ["clip"] = n => n.Clip(n.Input(Image(n, 5)), -1, n.Next(1, 2), rescale: n.Next(0, 1) == 1),
        ["logistic"] = n => n.Sigmoid(n.Input(new Shape(1, 256))),
        ["softmax"] = n => n.Softmax(n.Input(new Shape(1, n.Next(2, 200))), n.Next(0, 1) == 0 ? 1 : 0.3f),
        ["softmax of rows"] = n => n.Softmax(n.Input(new Shape(1, 3, 2, n.Next(2, 9)))),
        ["quantize uint8"] = n => n.Quantize(n.Input(new Shape(1, 256), ElementType.UInt8), ElementType.Int8, sameScale: n.Next(0, 1) == 1),
        ["quantize int8"] = n => n.Quantize(n.Input(new Shape(1, 256)), n.Next(0, 1) == 0 ? ElementType.Int8 : ElementType.UInt8),
        ["quantize float"] = n => n.Quantize(n.Input(new Shape(1, 300), ElementType.Float32), n.Next(0, 1) == 0 ? ElementType.Int8 : ElementType.UInt8),
        ["dequantize"] = n => n.Dequantize(n.Input(new Shape(1, 256), n.Next(0, 1) == 0 ? ElementType.Int8 : ElementType.UInt8)),
        ["reshape"] = n => { var x = n.Input(new Shape(1, 4, 6)); return n.Add(n.Reshape(n.Reshape(x, new Shape(1, 24)), new Shape(1, 4, 6)), x); },
    };

    [Fact]
    public void Every_C_kernel_equals_the_host_to_the_bit()
    {
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        var cases = new List<(string Name, GeneratedProject Project, byte[] Input)>();
        foreach (var (name, create) in Operators)
        {
            for (var i = 0; i < CasesEach; i++)
            {
                var network = new RandomNetwork(cases.Count);
                var output = create(network);
                var symbol = $"case_{cases.Count}";
                var project = CGenerator.Generate(network.Build(symbol, output), Path.Combine(folder.Path, $"kindling_{symbol}"));
                cases.Add(($"{name}, case {i}: {string.Join("; ", project.Graph.Nodes)}", project, network.Sample()));
            }
        }

        var outputs = HostProgram.Run([.. cases.Select(c => (c.Project, c.Input))], folder.Path, 0x5A, HostProgram.Sanitized);

        var wrong = cases.Zip(outputs).Where(c => !Host.Run(c.First.Project.Graph, c.First.Input).AsSpan().SequenceEqual(c.Second)).Select(c => c.First.Name);
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_depthwise_convolution_row_by_row_equals_one_channel_by_channel()
    {
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        var network = new RandomNetwork(77);
        var x = network.DepthwiseConv2D(network.Input(new Shape(1, 11, 14, 6)), 3, 2, Padding.Uniform(1), 1);
        var project = CGenerator.Generate(network.Build("rows", x), Path.Combine(folder.Path, "kindling_rows"));
        var input = network.Sample();
        var source = Path.Combine(project.SourceDirectory, "network.c");
        var text = File.ReadAllText(source);
        Assert.Contains(".rows_first = 0,", text);
        File.WriteAllText(
            source, Regex.Replace(text.Replace(".rows_first = 0,", ".rows_first = 1,", StringComparison.Ordinal), "\\.block_rows = [0-9]+,", ".block_rows = 1,"));

        var outputs = HostProgram.Run([(project, input)], folder.Path, 0x5A, HostProgram.Sanitized);

        Assert.Equal([Host.Run(project.Graph, input)], outputs);
    }

    [Theory]
    [InlineData(OptimizationGoal.Ram)]
    [InlineData(OptimizationGoal.Balanced)]
    [InlineData(OptimizationGoal.Time)]
    [InlineData(OptimizationGoal.Flash)]
    public void Every_goal_gives_the_hosts_outputs_and_none_a_smaller_arena_than_the_goal_of_least_RAM(OptimizationGoal goal)
    {
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        var (graph, input) = WholeNetworkTests.AllOperators(3);
        var smallest = CGenerator.Generate(graph, Path.Combine(folder.Path, "smallest"), new CGeneratorOptions { ModelName = "net", Optimize = OptimizationGoal.Ram });

        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net", Optimize = goal });

        Assert.True(goal == OptimizationGoal.Ram ? project.ArenaBytes == smallest.ArenaBytes : project.ArenaBytes >= smallest.ArenaBytes);
        Assert.Equal(goal == OptimizationGoal.Flash ? "-Os" : "-O2", project.CompilerOptimization);
        Assert.Equal([Host.Run(graph, input)], HostProgram.Run([(project, input)], folder.Path, 0x5A, HostProgram.Sanitized));
    }

    [Fact]
    public void Weights_take_one_byte_each_in_flash_and_two_bytes_more_behind_an_odd_number_of_taps()
    {
        using var folder = new TemporaryFolder();
        var network = new RandomNetwork(5);
        var x = network.Conv2D(network.Input(new Shape(1, 9, 9, 3)), 7, 3, 2, default, 1);
        x = network.DepthwiseConv2D(network.Conv2D(x, 8, 1, 1, default, 1), 3, 1, Padding.Uniform(1), 1);

        var project = CGenerator.Generate(network.Build("flash", x), Path.Combine(folder.Path, "c"));

        Assert.Equal((7 * 27) + 2 + (7 * 8) + 2 + (8 * 9), project.WeightBytes);
        Assert.Equal(4 * (7 + 8 + 8), project.BiasBytes);
        Assert.Equal(5 * (7 + 8 + 8), project.RequantizationBytes);
    }

    [Fact]
    public void A_channel_that_training_switched_off_does_not_slow_its_layer_down()
    {
        using var folder = new TemporaryFolder();
        var network = new RandomNetwork(6);
        var x = network.Conv2D(network.Input(new Shape(1, 4, 4, 8)), 4, 1, 1, default, 1, Activation.Relu, zeroPoint: -128, dead: 2);
        var graph = network.Build("dead", x);
        var input = network.Sample();

        var project = CGenerator.Generate(graph, Path.Combine(folder.Path, "kindling_dead"));

        Assert.Contains("KINDLING_ROUND_RELU", File.ReadAllText(Path.Combine(project.SourceDirectory, "network.c")));
        Assert.DoesNotContain(project.Files, f => f.Contains("plain", StringComparison.Ordinal));
        Assert.Equal([Host.Run(graph, input)], HostProgram.Run([(project, input)], folder.Path, 0x5A, "-O1"));
    }

    [Fact]
    public void Cases_exercise_the_whole_range_of_outputs()
    {
        // A comparison of constants would prove nothing: most operators must give many different values.
        foreach (var (name, create) in Operators.Where(o => o.Key is "conv" or "depthwise" or "add" or "subtract" or "multiply" or "mean"))
        {
            var different = Enumerable.Range(0, SpreadCases).SelectMany(i =>
            {
                var network = new RandomNetwork(i);
                var output = create(network);
                return Host.Run(network.Build(name, output), network.Sample());
            }).Distinct().Count();
            Assert.True(different > 20, $"{name}: {different} different values");
        }
    }

    private static Value Depthwise(RandomNetwork n, int size, int stride) => n.DepthwiseConv2D(
        n.Input(new Shape(1, n.Next(size, 20), n.Next(size, 20), 2 * n.Next(1, 4))), size, stride, Border(n, size - 1), 1, n.Next(0, 1) == 0 ? Any(n) : Activation.Relu,
        zeroPoint: n.Next(0, 1) == 0 ? null : -128);

    private static Shape Image(RandomNetwork n, int largest, int smallest = 3) =>
        new(1, n.Next(smallest, largest), n.Next(smallest, largest), n.Next(1, 10));

    private static Padding Border(RandomNetwork n, int most) => new(n.Next(0, most), n.Next(0, most), n.Next(0, most), n.Next(0, most));

    private static Activation Any(RandomNetwork n) => (Activation)n.Next(0, 3);

    private static Value Twice(RandomNetwork n, Func<Value, Value, Value> combine)
    {
        var x = n.Input(new Shape(1, n.Next(1, 6), n.Next(1, 6), n.Next(1, 9)));
        return combine(x, n.Quantize(x, ElementType.Int8));
    }
}
