using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Tests.Graphs;

public sealed class ShapeInferenceTests
{
    [Theory]
    [InlineData(224, 3, 2, 1, 0, 0, 111)]
    [InlineData(224, 3, 2, 1, 0, 1, 112)]
    [InlineData(96, 3, 2, 1, 0, 1, 48)]
    [InlineData(7, 3, 1, 1, 1, 1, 7)]
    [InlineData(7, 3, 1, 2, 0, 0, 3)]
    [InlineData(5, 5, 3, 1, 0, 0, 1)]
    public void A_window_takes_as_many_positions_as_fit(int input, int kernel, int stride, int dilation, int before, int after, int expected)
    {
        var op = new Conv2D(stride, new Padding(before, before, after, after), dilation);
        var shape = op.Infer("conv", [Activation(1, input, input, 3), Constant(8, kernel, kernel, 3)]);
        Assert.Equal(new Shape(1, expected, expected, 8), shape);
    }

    [Fact]
    public void Same_padding_puts_the_odd_pixel_below_and_to_the_right()
    {
        Assert.Equal(new Padding(0, 0, 1, 1), Padding.Same(96, 3, 2, 1));
        Assert.Equal(new Padding(1, 1, 1, 1), Padding.Same(95, 3, 2, 1));
        Assert.Equal(new Padding(2, 2, 2, 2), Padding.Same(10, 3, 1, 2));
    }

    [Fact]
    public void Caffe_rounds_pooling_up_by_padding_below_and_to_the_right()
    {
        Assert.Equal(new Padding(0, 0, 1, 1), Padding.None.WithCeil(112, 3, 2));
        Assert.Equal(Padding.None, Padding.None.WithCeil(113, 3, 2));
    }

    [Fact]
    public void Errors_name_the_node_the_operator_and_what_was_found()
    {
        var conv = new Conv2D(1, Padding.None, 1);
        Fails("c1 (CONV_2D): the input has 3 channels, the weights [8, 3, 3, 4] expect 4", () => conv.Infer("c1", [Activation(1, 9, 9, 3), Constant(8, 3, 3, 4)]));
        Fails("c1 (CONV_2D): bias [7] does not fit 8 output channels", () => conv.Infer("c1", [Activation(1, 9, 9, 3), Constant(8, 3, 3, 3), Constant(7)]));
        Fails("c1 (CONV_2D): a 3x3 window does not fit into the 2x9 input", () => conv.Infer("c1", [Activation(1, 2, 9, 3), Constant(8, 3, 3, 3)]));
        Fails("c1 (CONV_2D): input x is [1, 9], not [N, H, W, C]", () => conv.Infer("c1", [Activation(1, 9), Constant(8, 3, 3, 3)]));
        Fails("c1 (CONV_2D): takes 2 to 3 inputs, not 1", () => conv.Infer("c1", [Activation(1, 9, 9, 3)]));
        Fails("fc (FULLY_CONNECTED): weights [10, 8] do not fit an input of 9 features", () => new Dense().Infer("fc", [Activation(1, 9), Constant(10, 8)]));
        Fails("sum (ADD): [1, 2, 2, 3] and [1, 2, 2, 4] cannot be added", () => new Add().Infer("sum", [Activation(1, 2, 2, 3), Activation(1, 2, 2, 4)]));
        Fails("cat (CONCATENATION): [1, 2, 2, 3] and [1, 2, 3, 3] differ outside axis 3", () => new Concat(3).Infer("cat", [Activation(1, 2, 2, 3), Activation(1, 2, 3, 3)]));
        Fails("flat (RESHAPE): [1, 2, 2, 3] cannot become [1, 13]", () => new Reshape(new Shape(1, 13)).Infer("flat", [Activation(1, 2, 2, 3)]));
        Fails("drop (DROPOUT): rate 1 is not in 0 to 1", () => new Dropout(1).Infer("drop", [Activation(1, 4)]));
        Fails("clip (CLIP): range 2 to 1 is empty", () => new Clip(2, 1).Infer("clip", [Activation(1, 4)]));
    }

    [Fact]
    public void GraphBuilder_names_layers_uniquely_and_repeats_its_weights_for_a_seed()
    {
        var (first, second, other) = (Build(1), Build(1), Build(2));
        Assert.Equal(["conv", "conv_1"], first.Nodes.Select(n => n.Name));
        Assert.Equal(Weights(first, 0), Weights(second, 0));
        Assert.NotEqual(Weights(first, 0), Weights(other, 0));
        Assert.NotEqual(Weights(first, 0), Weights(first, 1));

        static Graph Build(long seed)
        {
            var b = new GraphBuilder("g", seed);
            var x = b.Input("x", 1, 5, 5, 4);
            return b.Build(null, b.Conv2D(b.Conv2D(x, 4, 3), 4, 3));
        }

        static float[] Weights(Graph graph, int node) => graph.Nodes[node].Inputs[1].Constant!.AsSpan<float>().ToArray();
    }

    [Fact]
    public void GraphBuilder_draws_Glorot_uniform_weights()
    {
        var b = new GraphBuilder("g", 3);
        var x = b.Input("x", 1, 5, 5, 32);
        b.Conv2D(x, 64, 3, name: "wide");
        var weights = b.Build(null, b.Conv2D(x, 64, 3)).Nodes[0].Inputs[1].Constant!.AsSpan<float>().ToArray();
        var limit = MathF.Sqrt(6f / (9 * (32 + 64)));
        Assert.InRange(weights.Max(), 0.99f * limit, limit);
        Assert.InRange(weights.Min(), -limit, -0.99f * limit);
        Assert.InRange(weights.Average(), -0.02f * limit, 0.02f * limit);
    }

    private static Value Activation(params ReadOnlySpan<int> shape) => new("x", ElementType.Float32, new Shape(shape));

    private static Value Constant(params ReadOnlySpan<int> shape) => new("c", new Tensor(ElementType.Float32, new Shape(shape)));

    private static void Fails(string message, Func<Shape> infer) => Assert.Equal(message, Assert.Throws<GraphException>(infer).Message);
}
