using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Graphs.Passes;

namespace Kindling.Zoo.Tests;

public class MobileNetV1Tests
{
    [Theory]
    [InlineData(0.25, 5, 219_829)]
    [InlineData(0.25, 39, 228_567)]
    [InlineData(0.25, 101, 244_501)]
    [InlineData(0.25, 1000, 475_544)]
    [InlineData(0.5, 5, 832_101)]
    [InlineData(0.5, 39, 849_543)]
    [InlineData(0.5, 101, 881_349)]
    [InlineData(0.5, 1000, 1_342_536)]
    [InlineData(0.75, 5, 1_836_821)]
    [InlineData(0.75, 39, 1_862_967)]
    [InlineData(0.75, 101, 1_910_645)]
    [InlineData(0.75, 1000, 2_601_976)]
    [InlineData(1.0, 5, 3_233_989)]
    [InlineData(1.0, 39, 3_268_839)]
    [InlineData(1.0, 101, 3_332_389)]
    [InlineData(1.0, 1000, 4_253_864)]
    public void It_has_the_published_number_of_parameters(double alpha, int classes, long parameters) =>
        Assert.Equal(parameters, MobileNetV1.Build(alpha, new ModelOptions { Classes = classes }).ParameterCount);

    [Theory]
    [InlineData(0.25, 219_685)]
    [InlineData(0.5, 831_813)]
    [InlineData(0.75, 1_836_389)]
    [InlineData(1.0, 3_233_413)]
    public void It_has_the_published_number_of_parameters_in_gray(double alpha, long parameters) =>
        Assert.Equal(parameters, MobileNetV1.Build(alpha, new ModelOptions { Classes = 5, Channels = 1 }).ParameterCount);

    [Theory]
    [InlineData(0.25, 96, 7.49)]
    [InlineData(0.25, 224, 40.8)]
    [InlineData(0.5, 224, 149)]
    public void It_takes_the_published_multiply_accumulates(double alpha, int side, double millions) =>
        Assert.Equal(
            millions, MobileNetV1.Build(alpha, new ModelOptions { Height = side, Width = side, Classes = 5 }).Macs / 1e6, millions * 0.004);

    [Fact]
    public void It_shrinks_the_image_as_published()
    {
        var graph = MobileNetV1.Build(0.25, new ModelOptions { Height = 96, Width = 96, Classes = 5 });
        Assert.Equal("48x48x8", Layers.Size(graph, "conv1_relu"));
        string[] blocks =
        [
            "48x48x16", "24x24x32", "24x24x32", "12x12x64", "12x12x64", "6x6x128", "6x6x128", "6x6x128", "6x6x128", "6x6x128", "6x6x128",
            "3x3x256", "3x3x256",
        ];
        for (var i = 0; i < blocks.Length; i++)
            Assert.Equal(blocks[i], Layers.Size(graph, $"conv_pw_{i + 1}_relu"));
        Assert.Equal("5", Layers.Size(graph, "softmax"));
    }

    [Fact]
    public void Before_a_depthwise_stride_of_2_it_pads_below_and_to_the_right_only()
    {
        var graph = MobileNetV1.Build(0.25, new ModelOptions { Height = 96, Width = 96 });
        var pads = graph.Nodes.Where(n => n.Operator is Pad).ToList();
        Assert.Equal(["conv_pad_2", "conv_pad_4", "conv_pad_6", "conv_pad_12"], pads.Select(n => n.Name));
        Assert.All(pads, n => Assert.Equal(new Padding(0, 0, 1, 1), ((Pad)n.Operator).Padding));
        Assert.All(pads, n => Assert.Equal(Padding.None, ((DepthwiseConv2D)graph.Consumers(n.Output).Single().Operator).Padding));
    }

    [Fact]
    public void For_inference_27_convolutions_a_mean_a_dense_layer_and_a_softmax_are_left()
    {
        var graph = Passes.ForInference(MobileNetV1.Build(0.25, new ModelOptions { Height = 96, Width = 96, Dropout = 0.2f }));
        Assert.Equal(27, graph.Nodes.Count(n => n.Operator is Conv2D or DepthwiseConv2D));
        Assert.Equal(30, graph.Nodes.Count);
        Assert.All(graph.Nodes.Where(n => n.Operator is DepthwiseConv2D), n => Assert.Equal(Activation.Relu6, ((DepthwiseConv2D)n.Operator).Activation));
        Assert.All(graph.Nodes.Where(n => n.Operator is Conv2D), n => Assert.Equal(Activation.Relu6, ((Conv2D)n.Operator).Activation));
    }

    [Fact]
    public void Moving_statistics_are_not_trainable()
    {
        var summary = GraphSummary.Of(MobileNetV1.Build(0.25, new ModelOptions { Classes = 5 }));
        Assert.Equal(219_829, summary.Parameters);
        // Keras' summary of this network: 5 472 non-trainable parameters.
        Assert.Equal(5_472, summary.Parameters - summary.TrainableParameters);
    }
}
