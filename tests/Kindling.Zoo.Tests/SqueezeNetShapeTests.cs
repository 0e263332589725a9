using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo.Tests;

/// <summary>The output of every layer of every SqueezeNet at the published resolutions.</summary>
public class SqueezeNetShapeTests
{
    // Maps after conv1 and the three pools, and of conv10.
    [Theory]
    [InlineData("squeezenet_v1.0", 227, 111, 55, 27, 13, 15)]
    [InlineData("squeezenet_v1.0", 224, 109, 54, 27, 13, 15)]
    [InlineData("squeezenet_v1.0_simple_bypass", 227, 111, 55, 27, 13, 15)]
    [InlineData("squeezenet_v1.0_complex_bypass", 227, 111, 55, 27, 13, 15)]
    [InlineData("squeezenet_notebook_v0", 224, 112, 55, 27, 13, 13)]
    [InlineData("squeezenet_notebook_v1", 224, 112, 55, 27, 13, 13)]
    [InlineData("squeezenet_notebook_v1", 29, 15, 7, 3, 1, 1)]
    public void SqueezeNet_1_0_pools_after_modules_1_4_and_8(string name, int side, int conv1, int pool1, int pool4, int pool8, int conv10)
    {
        var graph = Build(name, side);
        Is(graph, "conv1", conv1, 96);
        Is(graph, "pool1", pool1, 96);
        Fires(graph, pool1, (2, 16, 64), (3, 16, 64), (4, 32, 128));
        Is(graph, "pool4", pool4, 256);
        Fires(graph, pool4, (5, 32, 128), (6, 48, 192), (7, 48, 192), (8, 64, 256));
        Is(graph, "pool8", pool8, 512);
        Fires(graph, pool8, (9, 64, 256));
        Is(graph, "conv10", conv10, 10);
        Ends(graph);
    }

    [Theory]
    [InlineData("squeezenet_v1.1", 227, 113, 56, 28, 14)]
    [InlineData("squeezenet_v1.1", 224, 111, 55, 27, 13)]
    [InlineData("st_squeezenet_v1.1", 227, 113, 56, 27, 13)]
    [InlineData("st_squeezenet_v1.1", 224, 111, 55, 27, 13)]
    [InlineData("st_squeezenet_v1.1", 128, 63, 31, 15, 7)]
    public void SqueezeNet_1_1_pools_after_modules_1_3_and_5(string name, int side, int conv1, int pool1, int pool3, int pool5)
    {
        var graph = Build(name, side);
        Is(graph, "conv1", conv1, 64);
        Is(graph, "pool1", pool1, 64);
        Fires(graph, pool1, (2, 16, 64), (3, 16, 64));
        Is(graph, "pool3", pool3, 128);
        Fires(graph, pool3, (4, 32, 128), (5, 32, 128));
        Is(graph, "pool5", pool5, 256);
        Fires(graph, pool5, (6, 48, 192), (7, 48, 192), (8, 64, 256), (9, 64, 256));
        Is(graph, "conv10", pool5, 10);
        Ends(graph);
    }

    [Fact]
    public void STs_SqueezeNet_v10_has_no_fire8_and_normalizes_behind_each_squeeze_and_at_the_end()
    {
        var graph = Build("st_squeezenet_v1.0", 128);
        Is(graph, "conv1", 61, 96);
        Is(graph, "pool1", 30, 96);
        Fires(graph, 30, (2, 16, 64), (3, 16, 64), (4, 32, 128));
        Is(graph, "pool4", 14, 256);
        Fires(graph, 14, (5, 32, 128), (6, 48, 192), (7, 48, 192));
        Is(graph, "pool7", 6, 384);
        Fires(graph, 6, (9, 64, 256));
        Is(graph, "conv10", 6, 10);
        Ends(graph);
        var normalized = graph.Nodes.Where(n => n.Operator is BatchNorm).Select(n => n.Inputs[0].Name);
        Assert.Equal([.. new[] { 2, 3, 4, 5, 6, 7, 9 }.Select(i => $"fire{i}/squeeze1x1"), "conv10"], normalized);
        Assert.All(graph.Nodes.Where(n => n.Operator is Conv2D), n => Assert.Equal(Activation.Relu, ((Conv2D)n.Operator).Activation));
    }

    [Fact]
    public void Simple_bypass_adds_the_input_of_every_second_module()
    {
        string[] expected = ["fire3/bypass: fire3/concat + fire2/concat", "fire5/bypass: fire5/concat + pool4", "fire7/bypass: fire7/concat + fire6/concat", "fire9/bypass: fire9/concat + pool8"];
        Assert.Equal(expected, Sums(Build("squeezenet_v1.0_simple_bypass", 227)));
    }

    [Fact]
    public void Complex_bypass_adds_a_convolution_of_the_input_where_the_width_changes()
    {
        var graph = Build("squeezenet_v1.0_complex_bypass", 227);
        Assert.Equal(
            [
                "fire2/bypass: fire2/concat + fire2/bypass1x1", "fire3/bypass: fire3/concat + fire2/bypass", "fire4/bypass: fire4/concat + fire4/bypass1x1",
                "fire5/bypass: fire5/concat + pool4", "fire6/bypass: fire6/concat + fire6/bypass1x1", "fire7/bypass: fire7/concat + fire6/bypass",
                "fire8/bypass: fire8/concat + fire8/bypass1x1", "fire9/bypass: fire9/concat + pool8",
            ],
            Sums(graph));
        Assert.Equal(["pool1", "fire3/bypass", "fire5/bypass", "fire7/bypass"],
            graph.Nodes.Where(n => n.Name.EndsWith("bypass1x1", StringComparison.Ordinal)).Select(n => n.Inputs[0].Name));
    }

    [Fact]
    public void The_notebooks_bypass_adds_behind_the_dropout_and_its_first_and_last_convolutions_do_not_clip()
    {
        var graph = ZooCatalogue.Find("squeezenet_notebook_v1").Build(new ModelOptions { Channels = 1, Classes = 10, Dropout = 0.5f });
        Assert.Equal(
            ["fire3/bypass: fire3/concat + fire2/concat", "fire5/bypass: fire5/concat + pool4", "fire7/bypass: fire7/concat + fire6/concat", "fire9/bypass: drop9 + pool8"],
            Sums(graph));
        Assert.All(graph.Nodes.Where(n => n.Operator is Add), n => Assert.Equal(Activation.None, ((Add)n.Operator).Activation));
        Assert.Equal(
            ["conv1", "conv10"], graph.Nodes.Where(n => n.Operator is Conv2D { Activation: Activation.None }).Select(n => n.Name));
        Assert.Equal(new Padding(2, 2, 3, 3), ((Conv2D)graph.Nodes[0].Operator).Padding);
        Assert.Empty(Sums(Build("squeezenet_notebook_v0", 224)));
    }

    private static Graph Build(string name, int side) =>
        ZooCatalogue.Find(name).Build(new ModelOptions { Height = side, Width = side, Classes = 10 });

    private static IEnumerable<string> Sums(Graph graph) =>
        graph.Nodes.Where(n => n.Operator is Add).Select(n => $"{n.Name}: {n.Inputs[0].Name} + {n.Inputs[1].Name}");

    private static void Fires(Graph graph, int side, params (int Number, int Squeeze, int Expand)[] fires)
    {
        foreach (var (number, squeeze, expand) in fires)
        {
            Is(graph, $"fire{number}/squeeze1x1", side, squeeze);
            Is(graph, $"fire{number}/expand1x1", side, expand);
            Is(graph, $"fire{number}/expand3x3", side, expand);
            Is(graph, $"fire{number}/concat", side, 2 * expand);
        }
    }

    private static void Ends(Graph graph)
    {
        Assert.Equal("10", Layers.Size(graph, "pool10"));
        Assert.Equal("10", Layers.Size(graph, "softmax"));
    }

    private static void Is(Graph graph, string layer, int side, int channels) => Assert.Equal($"{side}x{side}x{channels}", Layers.Size(graph, layer));
}
