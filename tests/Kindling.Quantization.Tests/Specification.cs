using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Quantization.Tests;

/// <summary>TFLite's 8-bit specification, operator by operator, as assertions over a graph.</summary>
internal static class Specification
{
    public static void Check(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            switch (node.Operator)
            {
                case Conv2D:
                    CheckLayer(node, channelAxis: 0, perChannel: true);
                    break;
                case DepthwiseConv2D:
                    CheckLayer(node, channelAxis: 2, perChannel: true);
                    break;
                case Dense:
                    CheckLayer(node, channelAxis: 0, perChannel: false);
                    break;
                case Softmax or Sigmoid:
                    Assert.Equal(new Tensors.Quantization(1 / 256f, -128), node.Output.Quantization);
                    break;
                case MaxPool2D or AveragePool2D or Concat or Pad or Reshape:
                    Assert.All(node.Inputs, i => Assert.Equal(node.Output.Quantization, i.Quantization));
                    break;
            }

            if (node.Operator is not Dequantize)
            {
                Assert.Equal(ElementType.Int8, node.Output.Type);
                Assert.InRange(node.Output.Quantization!.ZeroPoint, -128, 127);
                Assert.False(node.Output.Quantization.IsPerChannel);
            }
        }
    }

    private static void CheckLayer(Node node, int channelAxis, bool perChannel)
    {
        Assert.Equal(3, node.Inputs.Count);
        var (x, w, b) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
        Assert.Equal(ElementType.Int8, w.Type);
        Assert.Equal(perChannel ? w.Shape[channelAxis] : 1, w.Quantization!.Scales.Count);
        if (w.Quantization.IsPerChannel)
            Assert.Equal(channelAxis, w.Quantization.Axis);
        Assert.All(w.Quantization.ZeroPoints, z => Assert.Equal(0, z));
        Assert.DoesNotContain((sbyte)-128, w.Constant!.AsSpan<sbyte>().ToArray());
        Assert.Equal(ElementType.Int32, b.Type);
        Assert.All(b.Quantization!.ZeroPoints, z => Assert.Equal(0, z));
        Assert.Equal(w.Quantization.Scales.Select(s => s * x.Quantization!.Scale), b.Quantization.Scales);
    }
}
