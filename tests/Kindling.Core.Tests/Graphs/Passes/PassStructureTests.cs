using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using GraphPasses = Kindling.Graphs.Passes.Passes;

namespace Kindling.Core.Tests.Graphs.Passes;

public class PassStructureTests
{
    [Fact]
    public void A_convolution_swallows_the_batch_norm_and_the_relu6_behind_it()
    {
        var b = new GraphBuilder("net");
        var x = b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3, bias: false, name: "conv");
        x = b.Relu6(b.BatchNorm(x, name: "norm"), name: "relu");
        var graph = GraphPasses.ForInference(b.Build(null, x));

        var node = Assert.Single(graph.Nodes);
        Assert.Equal("conv", node.Name);
        Assert.Equal("relu", node.Output.Name);
        Assert.Equal(Activation.Relu6, Assert.IsType<Conv2D>(node.Operator).Activation);
        Assert.Equal(["input", "conv/weights", "conv/bias"], node.Inputs.Select(i => i.Name));
    }

    [Fact]
    public void Batch_norm_behind_an_activation_stays_and_becomes_a_product_and_a_sum_for_quantization()
    {
        var b = new GraphBuilder("net");
        var x = b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3, activation: Activation.Relu, name: "conv");
        var original = b.Build(null, b.BatchNorm(x, name: "norm"));

        Assert.Equal(["CONV_2D", "BATCH_NORM"], Kinds(GraphPasses.ForInference(original)));
        var lowered = GraphPasses.ForQuantization(original);
        Assert.Equal(["CONV_2D", "MUL", "ADD"], Kinds(lowered));
        Assert.Equal("norm", lowered.Outputs.Single().Name);
    }

    [Fact]
    public void A_value_with_two_readers_or_that_is_an_output_keeps_its_layer_whole()
    {
        var b = new GraphBuilder("net");
        var conv = b.Conv2D(b.Input("input", 1, 8, 8, 3), 3, 3, name: "conv");
        var shared = b.Add(b.Relu(conv), conv);
        Assert.Equal(["CONV_2D", "RELU", "ADD"], Kinds(GraphPasses.ForInference(b.Build(null, shared))));

        var c = new GraphBuilder("net");
        var logits = c.Conv2D(c.Input("input", 1, 8, 8, 3), 3, 3, name: "conv");
        Assert.Equal(["CONV_2D", "RELU"], Kinds(GraphPasses.ForInference(c.Build(null, c.Relu(logits), logits))));
    }

    [Fact]
    public void Dropout_disappears_even_as_the_last_layer()
    {
        var b = new GraphBuilder("net");
        var x = b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3, name: "conv");
        var graph = GraphPasses.ForInference(b.Build(null, b.Dropout(b.Dropout(x, 0.5f), 0.2f)));
        Assert.Equal(["CONV_2D"], Kinds(graph));
        Assert.Equal("conv", graph.Outputs.Single().Name);
    }

    [Fact]
    public void Padding_goes_into_every_convolution_that_reads_it_and_stays_for_pools()
    {
        var b = new GraphBuilder("net");
        var padded = b.Pad(b.Input("input", 1, 8, 8, 3), new Padding(0, 1, 2, 3), name: "pad");
        var one = b.Conv2D(padded, 4, 3, border: BorderMode.Valid, name: "one");
        var two = b.DepthwiseConv2D(padded, 3, border: BorderMode.Same, name: "two");
        var pool = b.MaxPool2D(padded, 3, 2, name: "pool");
        var graph = GraphPasses.ForInference(b.Build(null, one, two, pool));

        Assert.Equal(["PAD", "CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"], Kinds(graph));
        Assert.Equal(new Padding(0, 1, 2, 3), ((Conv2D)graph.Nodes[1].Operator).Padding);
        Assert.Equal(new Padding(1, 2, 3, 4), ((DepthwiseConv2D)graph.Nodes[2].Operator).Padding);
        Assert.Equal("input", graph.Nodes[1].Inputs[0].Name);
        Assert.Equal("pad", graph.Nodes[3].Inputs[0].Name);
    }

    [Fact]
    public void Two_clips_become_one_activation_only_if_there_is_one_that_does_the_same()
    {
        Assert.Equal(["CONV_2D"], Kinds(Clips(Clip.Relu, Clip.Relu6)));
        Assert.Equal(["CONV_2D", "CLIP"], Kinds(Clips(Clip.Relu, new Clip(0, 4))));
        Assert.Equal(["CONV_2D", "CLIP"], Kinds(Clips(new Clip(-4, 4))));

        static Graph Clips(params Clip[] clips)
        {
            var b = new GraphBuilder("net");
            var x = b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3, name: "conv");
            foreach (var clip in clips)
                x = b.Clip(x, clip.Min, clip.Max);
            return GraphPasses.ForInference(b.Build(null, x));
        }
    }

    [Fact]
    public void Between_8_bit_values_only_padding_is_folded()
    {
        var q = new Quantization(0.1f, -3);
        var input = new Value("input", ElementType.Int8, new Shape(1, 4, 4, 2), q);
        var padded = new Value("padded", ElementType.Int8, new Shape(1, 5, 5, 2), q);
        var weights = new Value("weights", new Tensor(ElementType.Int8, new Shape(3, 2, 2, 2)), new Quantization(0.5f, 0));
        var conv = new Value("conv", ElementType.Int8, new Shape(1, 4, 4, 3), new Quantization(0.2f, 0));
        var clipped = new Value("clipped", ElementType.Int8, new Shape(1, 4, 4, 3), new Quantization(0.1f, -128));
        var graph = GraphPasses.ForInference(new Graph("net", [input], [clipped],
        [
            new Node("pad", new Pad(new Padding(0, 0, 1, 1)), [input], padded),
            new Node("conv", new Conv2D(1, Padding.None, 1), [padded, weights], conv),
            new Node("clip", Clip.Relu, [conv], clipped),
        ]));
        Assert.Equal(["CONV_2D", "RELU"], Kinds(graph));
        Assert.Equal(new Padding(0, 0, 1, 1), ((Conv2D)graph.Nodes[0].Operator).Padding);
    }

    [Fact]
    public void A_graph_with_nothing_to_do_comes_back_itself()
    {
        var b = new GraphBuilder("net");
        var graph = b.Build(null, b.Softmax(b.Dense(b.GlobalAveragePool(b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3)), 2)));
        Assert.Same(graph, GraphPasses.ForInference(graph));
    }

    [Fact]
    public void The_graph_given_keeps_its_weights()
    {
        var b = new GraphBuilder("net");
        var x = b.BatchNorm(b.Conv2D(b.Input("input", 1, 8, 8, 3), 4, 3, name: "conv"));
        var graph = b.Build(null, x);
        var gamma = graph.Nodes[1].Inputs[1].Constant!;
        gamma.AsSpan<float>().Fill(3);
        var before = graph.Nodes[0].Inputs[1].Constant!.Clone();
        var folded = GraphPasses.ForInference(graph).Nodes[0].Inputs[1].Constant!;
        Assert.Equal(before.Bytes.ToArray(), graph.Nodes[0].Inputs[1].Constant!.Bytes.ToArray());
        Assert.NotEqual(before.Bytes.ToArray(), folded.Bytes.ToArray());
    }

    private static IEnumerable<string> Kinds(Graph graph) => graph.Nodes.Select(n => n.Operator.Kind);
}
