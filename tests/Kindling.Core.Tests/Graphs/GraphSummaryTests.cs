using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Core.Tests.Graphs;

public class GraphSummaryTests
{
    [Fact]
    public void Rows_and_totals_add_up()
    {
        var b = new GraphBuilder("net");
        var x = b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3, stride: 2, name: "conv");
        x = b.BatchNorm(x, name: "norm");
        var summary = GraphSummary.Of(b.Build(null, b.Dense(b.GlobalAveragePool(x, name: "mean"), 5, name: "dense")));

        Assert.Equal(["conv", "norm", "mean", "dense"], summary.Layers.Select(l => l.Name));
        Assert.Equal([112, 16, 0, 25], summary.Layers.Select(l => l.Parameters));
        Assert.Equal([4 * 4 * 4 * 27, 0, 0, 20], summary.Layers.Select(l => l.Macs));
        Assert.Equal(["norm"], summary.Layers[2].Inputs);
        Assert.Equal(new Shape(1, 4, 4, 4), summary.Layers[0].OutputShape);
        Assert.Equal(153, summary.Parameters);
        Assert.Equal(153 - 8, summary.TrainableParameters);
        Assert.Equal(4 * 153, summary.WeightBytes);
    }

    [Fact]
    public void An_int8_layer_takes_one_byte_a_weight_and_four_a_bias()
    {
        var q = new Quantization(0.1f, 0);
        var input = new Value("input", ElementType.Int8, new Shape(1, 8), q);
        var output = new Value("output", ElementType.Int8, new Shape(1, 3), q);
        var weights = new Value("weights", new Tensor(ElementType.Int8, new Shape(3, 8)), q);
        var bias = new Value("bias", new Tensor(ElementType.Int32, new Shape(3)), q);
        var summary = GraphSummary.Of(new Graph("net", [input], [output], [new Node("dense", new Dense(), [input, weights, bias], output)]));
        Assert.Equal(24 + 12, summary.WeightBytes);
        Assert.Equal(27, summary.Parameters);
    }

    [Fact]
    public void Weights_used_twice_count_once()
    {
        var input = new Value("input", ElementType.Float32, new Shape(1, 4));
        var weights = new Value("weights", new Tensor(ElementType.Float32, new Shape(4, 4)));
        var once = new Value("once", ElementType.Float32, new Shape(1, 4));
        var twice = new Value("twice", ElementType.Float32, new Shape(1, 4));
        var graph = new Graph("net", [input], [twice],
        [
            new Node("a", new Dense(), [input, weights], once), new Node("b", new Dense(), [once, weights], twice),
        ]);
        Assert.Equal(16, GraphSummary.Of(graph).Parameters);
        Assert.Equal(graph.ParameterCount, GraphSummary.Of(graph).Parameters);
    }
}
