using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo.Tests;

public class SqueezeNetTests
{
    [Theory]
    [InlineData(5, 725_061)]
    [InlineData(10, 727_626)]
    [InlineData(39, 742_503)]
    [InlineData(101, 774_309)]
    [InlineData(1000, 1_235_496)]
    public void V11_has_the_published_number_of_parameters(int classes, long parameters) =>
        Assert.Equal(parameters, SqueezeNet.V11(new ModelOptions { Classes = classes }).ParameterCount);

    [Fact]
    public void V11_in_gray_lacks_two_thirds_of_the_first_weights() =>
        Assert.Equal(725_061 - (2 * 3 * 3 * 64), SqueezeNet.V11(new ModelOptions { Classes = 5, Channels = 1 }).ParameterCount);

    [Theory]
    [InlineData(128, 80.2)]
    [InlineData(224, 263)]
    public void V11_takes_the_published_multiply_accumulates(int side, double millions) =>
        Assert.Equal(millions, SqueezeNet.V11(new ModelOptions { Height = side, Width = side, Classes = 5 }).Macs / 1e6, millions * 0.002);

    [Theory]
    [InlineData(128, 63, 31, 15, 7)]
    [InlineData(224, 111, 55, 27, 13)]
    public void V11_shrinks_the_image_as_published(int side, int conv1, int pool1, int pool3, int pool5)
    {
        var graph = SqueezeNet.V11(new ModelOptions { Height = side, Width = side, Classes = 5 });
        Assert.Equal($"{conv1}x{conv1}x64", Layers.Size(graph, "conv1"));
        Assert.Equal($"{pool1}x{pool1}x64", Layers.Size(graph, "pool1"));
        Assert.Equal($"{pool1}x{pool1}x16", Layers.Size(graph, "fire2/squeeze1x1"));
        Assert.Equal($"{pool1}x{pool1}x128", Layers.Size(graph, "fire3/concat"));
        Assert.Equal($"{pool3}x{pool3}x128", Layers.Size(graph, "pool3"));
        Assert.Equal($"{pool3}x{pool3}x256", Layers.Size(graph, "fire5/concat"));
        Assert.Equal($"{pool5}x{pool5}x256", Layers.Size(graph, "pool5"));
        Assert.Equal($"{pool5}x{pool5}x384", Layers.Size(graph, "fire7/concat"));
        Assert.Equal($"{pool5}x{pool5}x512", Layers.Size(graph, "fire9/concat"));
        Assert.Equal($"{pool5}x{pool5}x5", Layers.Size(graph, "conv10"));
        Assert.Equal("5", Layers.Size(graph, "softmax"));
    }

    [Fact]
    public void V11_clips_after_each_of_its_26_convolutions()
    {
        var convolutions = SqueezeNet.V11(new ModelOptions()).Nodes.Select(n => n.Operator).OfType<Conv2D>().ToList();
        Assert.Equal(26, convolutions.Count);
        Assert.All(convolutions, c => Assert.Equal(Activation.Relu, c.Activation));
    }

    [Fact]
    public void Dropout_stands_before_the_last_convolution_and_only_when_asked_for()
    {
        Assert.DoesNotContain(SqueezeNet.V11(new ModelOptions()).Nodes, n => n.Operator is Dropout);
        var graph = SqueezeNet.V11(new ModelOptions { Dropout = 0.5f });
        var dropout = Assert.Single(graph.Nodes, n => n.Operator is Dropout);
        Assert.Equal("conv10", Assert.Single(graph.Consumers(dropout.Output)).Name);
        Assert.Equal(0.5f, ((Dropout)dropout.Operator).Rate);
    }

    [Fact]
    public void An_input_smaller_than_the_windows_is_refused_by_layer()
    {
        var fault = Assert.Throws<GraphException>(() => SqueezeNet.V11(new ModelOptions { Height = 16, Width = 16 }));
        Assert.Contains("pool5", fault.Message, StringComparison.Ordinal);
    }
}
