using Kindling.Graphs.Operators;
using Kindling.Graphs.Passes;

namespace Kindling.Zoo.Tests;

/// <summary>The layers of ST EfficientNet LC and of EfficientNet B0 to B7.</summary>
public class EfficientNetTests
{
    // Block, stride, filters in, expanded, filters of the squeeze, filters out.
    private static readonly (string Block, int Kernel, int Stride, int Input, int Expanded, int Squeeze, int Output)[] LcBlocks =
    [
        ("1a", 3, 1, 16, 16, 4, 8),
        ("2a", 3, 2, 8, 24, 2, 16), ("2b", 3, 1, 16, 48, 4, 16),
        ("3a", 5, 2, 16, 48, 4, 24), ("3b", 5, 1, 24, 72, 6, 24),
        ("4a", 3, 2, 24, 72, 6, 40), ("4b", 3, 1, 40, 120, 10, 40), ("4c", 3, 1, 40, 120, 10, 40),
        ("5a", 5, 1, 40, 120, 10, 48), ("5b", 5, 1, 48, 144, 12, 48), ("5c", 5, 1, 48, 144, 12, 48),
        ("6a", 5, 2, 48, 144, 12, 88), ("6b", 5, 1, 88, 264, 22, 88), ("6c", 5, 1, 88, 264, 22, 88), ("6d", 5, 1, 88, 264, 22, 88),
        ("7a", 3, 1, 88, 264, 22, 144),
    ];

    [Theory]
    [InlineData(128)]
    [InlineData(224)]
    public void Every_layer_of_ST_EfficientNet_LC_has_the_published_shape(int side)
    {
        var graph = StEfficientNetLc.V1(new ModelOptions { Height = side, Width = side, Classes = 5, Dropout = 0.35f });
        var map = side / 2;
        var layers = new List<string> { $"stem_conv {map}x{map}x16", $"stem_bn {map}x{map}x16", $"stem_activation {map}x{map}x16" };
        foreach (var (block, _, stride, input, expanded, squeeze, output) in LcBlocks)
        {
            var name = $"block{block}";
            if (block != "1a")
                layers.AddRange(Each($"{map}x{map}x{expanded}", $"{name}_expand_conv", $"{name}_expand_bn", $"{name}_expand_activation"));
            map /= stride;
            layers.AddRange(Each($"{map}x{map}x{expanded}", $"{name}_dwconv", $"{name}_bn", $"{name}_activation"));
            layers.AddRange(Each($"1x1x{expanded}", $"{name}_se_squeeze"));
            layers.AddRange(Each($"1x1x{squeeze}", $"{name}_se_reduce", $"{name}_se_activation"));
            layers.AddRange(Each($"1x1x{expanded}", $"{name}_se_expand", $"{name}_se_clip", $"{name}_se_sigmoid"));
            layers.AddRange(Each($"{map}x{map}x{expanded}", $"{name}_se_excite"));
            layers.AddRange(Each($"{map}x{map}x{output}", $"{name}_project_conv", $"{name}_project_bn"));
            if (stride == 1 && input == output)
                layers.AddRange(Each($"{map}x{map}x{output}", $"{name}_drop", $"{name}_add"));
        }

        layers.AddRange(Each($"{map}x{map}x576", "top_conv", "top_bn", "top_activation"));
        layers.AddRange([$"avg_pool 576", "top_dropout 576", "predictions 5", "softmax 5"]);
        Assert.Equal(side / 32, map);
        Assert.Equal(layers, graph.Nodes.Select(n => $"{n.Name} {n.Output.Shape.ToSizeString()}"));
    }

    [Fact]
    public void Kernels_strides_biases_and_gates_of_ST_EfficientNet_LC_are_as_published()
    {
        var graph = StEfficientNetLc.V1(new ModelOptions { Height = 128, Width = 128, Classes = 5 });
        Assert.All(graph.Nodes.Where(n => n.Macs > 0), n => Assert.Equal(3, n.Inputs.Count));
        var depthwise = graph.Nodes.Where(n => n.Operator is DepthwiseConv2D).ToList();
        Assert.Equal(LcBlocks.Select(b => (b.Kernel, b.Stride)), depthwise.Select(n => (n.Inputs[1].Shape[0], ((DepthwiseConv2D)n.Operator).Stride.Height)));
        Assert.Equal(16, graph.Nodes.Count(n => n.Operator is Clip { Min: -4, Max: 4 }));
        Assert.Equal(16, graph.Nodes.Count(n => n.Operator is Sigmoid));
        Assert.Equal(49, graph.Nodes.Count(n => n.Operator is BatchNorm));
    }

    [Fact]
    public void Residual_branches_drop_whole_samples_the_more_often_the_deeper()
    {
        var graph = StEfficientNetLc.V1(new ModelOptions { Height = 64, Width = 64 });
        var drops = graph.Nodes.Where(n => n.Operator is Dropout).ToDictionary(n => n.Name, n => (Dropout)n.Operator);
        int[] blocks = [2, 4, 6, 7, 9, 10, 12, 13, 14];
        Assert.Equal(
            blocks.Select(i => 0.2f * i / 16), LcBlocks.Where(b => drops.ContainsKey($"block{b.Block}_drop")).Select(b => drops[$"block{b.Block}_drop"].Rate));
        Assert.All(drops.Values, d => Assert.True(d.PerSample));
        Assert.DoesNotContain(
            StEfficientNetLc.V1(new ModelOptions { Height = 64, Width = 64, DropConnect = 0 }).Nodes, n => n.Operator is Dropout);
    }

    [Theory]
    [InlineData(128, 96)]
    [InlineData(100, 100)]
    [InlineData(16, 16)]
    public void ST_EfficientNet_LC_wants_a_square_that_32_divides(int height, int width)
    {
        var fault = Assert.Throws<KindlingException>(() => StEfficientNetLc.V1(new ModelOptions { Height = height, Width = width }));
        Assert.Contains($"{height}x{width}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("multiple of 32", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_inference_nothing_but_convolutions_gates_and_sums_is_left_of_ST_EfficientNet_LC()
    {
        var graph = Passes.ForInference(StEfficientNetLc.V1(new ModelOptions { Height = 128, Width = 128, Classes = 5, Dropout = 0.35f }));
        Assert.DoesNotContain(graph.Nodes, n => n.Operator is Dropout or BatchNorm or Clip { Min: 0 });
        Assert.Equal(493_433, graph.ParameterCount);
    }

    [Theory]
    [InlineData(0, 16, 32, 1280, 7)]
    [InlineData(1, 23, 32, 1280, 8)]
    [InlineData(2, 23, 32, 1408, 9)]
    [InlineData(3, 26, 40, 1536, 10)]
    [InlineData(4, 32, 48, 1792, 12)]
    [InlineData(5, 39, 48, 2048, 15)]
    [InlineData(6, 45, 56, 2304, 17)]
    [InlineData(7, 55, 64, 2560, 19)]
    public void EfficientNet_scales_depth_width_and_resolution_together(int number, int blocks, int stem, int top, int map)
    {
        var model = ZooCatalogue.Find($"efficientnet_b{number}");
        var graph = model.Build(model.Defaults);
        Assert.Equal(blocks, graph.Nodes.Count(n => n.Operator is DepthwiseConv2D));
        Assert.Equal($"{(model.Defaults.Height + 1) / 2}x{(model.Defaults.Width + 1) / 2}x{stem}", Layers.Size(graph, "stem_conv"));
        Assert.Equal($"{map}x{map}x{top}", Layers.Size(graph, "top_activation"));
    }

    [Fact]
    public void EfficientNet_B0_has_the_papers_stages()
    {
        var graph = EfficientNet.Build(0, new ModelOptions { Classes = 10 });
        string[] stages = ["112x112x16", "56x56x24", "28x28x40", "14x14x80", "14x14x112", "7x7x192", "7x7x320"];
        string[] last = ["1a", "2b", "3b", "4c", "5c", "6d", "7a"];
        for (var i = 0; i < stages.Length; i++)
            Assert.Equal(stages[i], Layers.Size(graph, $"block{last[i]}_project_bn"));
        Assert.Equal("14x14x480", Layers.Size(graph, "block4b_se_excite"));
        Assert.Equal("1x1x20", Layers.Size(graph, "block4b_se_reduce"));
        Assert.DoesNotContain(graph.Nodes, n => n.Operator is Clip);
        // Swish: x times its sigmoid.
        var swish = graph.Nodes.Single(n => n.Name == "stem_activation");
        Assert.Equal("stem_bn", swish.Inputs[0].Name);
        Assert.Equal("stem_bn", graph.Nodes.Single(n => n.Output == swish.Inputs[1]).Inputs[0].Name);
        Assert.Equal(390e6, graph.Macs, 10e6);
    }

    private static IEnumerable<string> Each(string shape, params string[] layers) => layers.Select(l => $"{l} {shape}");
}
