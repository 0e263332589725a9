using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Tests;

/// <summary>Small networks that use what the real ones do.</summary>
internal static class TestNetworks
{
    public static readonly ModelMetadata Metadata = new(
        new Preprocessing(StripesSource.Side, StripesSource.Side, ColorMode.Grayscale, [1], [0]), ["horizontal", "vertical", "chequers"]);

    /// <summary>Convolution, batch normalization, depthwise convolution, fire module, dropout.</summary>
    public static Graph Stripes(long seed = 1, int height = StripesSource.Side, int width = StripesSource.Side)
    {
        var b = new GraphBuilder("stripes", seed);
        var x = b.Input("image", 1, height, width, 1);
        x = b.Relu6(b.BatchNorm(b.Conv2D(x, 8, 3, bias: false), momentum: 0.8f));
        x = b.MaxPool2D(x, 2, 2);
        x = b.Relu6(b.BatchNorm(b.DepthwiseConv2D(x, 3, bias: false), momentum: 0.8f));
        var s = b.Conv2D(x, 6, 1, activation: Activation.Relu);
        x = b.Concat(null, b.Conv2D(s, 8, 1, activation: Activation.Relu), b.Conv2D(s, 8, 3, activation: Activation.Relu));
        x = b.Dropout(b.GlobalAveragePool(x), 0.1f);
        return b.Build(Metadata with { Preprocessing = Metadata.Preprocessing! with { Height = height, Width = width } }, b.Softmax(b.Dense(x, 3)));
    }

    /// <summary>A first convolution behind which a max pool follows, and a fire module wide enough for Winograd's convolutions.</summary>
    public static Graph Fires(long seed = 1)
    {
        var b = new GraphBuilder("fires", seed);
        var x = b.Input("image", 1, StripesSource.Side, StripesSource.Side, 1);
        x = b.MaxPool2D(b.Conv2D(x, 16, 3, activation: Activation.Relu), 2, 2);
        var s = b.Conv2D(x, 16, 1, activation: Activation.Relu);
        x = b.Concat(null, b.Conv2D(s, 32, 1, activation: Activation.Relu), b.Conv2D(s, 32, 3, activation: Activation.Relu));
        return b.Build(Metadata, b.Softmax(b.GlobalAveragePool(b.Conv2D(x, 3, 1, activation: Activation.Relu))));
    }

    /// <summary>All float constants one after the other.</summary>
    public static float[] Weights(Graph graph) => [.. graph.Constants.SelectMany(v => v.Constant!.AsSpan<float>().ToArray())];
}
