using System.Globalization;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo;

/// <summary>
/// MobileNet v1 (Howard et al. 2017): convolutions split into a depthwise 3x3 and a pointwise 1x1, all widths scaled by alpha. Layers and
/// names are those of Keras' backbone, so that its weights fit.
/// </summary>
public static class MobileNetV1
{
    /// <summary>The family as the catalogue lists it.</summary>
    public static ZooFamily Family { get; } = new("mobilenet", [.. new[] { 0.25, 0.5, 0.75, 1.0 }.Select(Model)]) { Scaled = Model };

    /// <summary>Builds the network.</summary>
    /// <param name="alpha">Factor of every width, which is rounded down: 0.25 to 1 in the paper.</param>
    /// <param name="options">Input, classes, dropout before the classifier.</param>
    /// <returns>Input <c>[1, H, W, C]</c> float, output <c>[1, classes]</c> probabilities.</returns>
    /// <exception cref="KindlingException">An option is out of range or the input is too small for the network.</exception>
    public static Graph Build(double alpha, ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var name = Name(alpha);
        options.Check(name);
        if (!(alpha * 32 >= 1) || alpha > 16)
            throw new KindlingException($"{name}: alpha is {alpha}; it must be from {1 / 32.0} to 16");
        var b = new GraphBuilder(name, options.Seed);
        var block = 0;

        var x = b.Input("input", 1, options.Height, options.Width, options.Channels);
        x = b.Conv2D(x, Scaled(32), kernel: 3, stride: 2, BorderMode.Same, bias: false, name: "conv1");
        x = NormalizeAndClip(x, "conv1");
        x = Separable(x, filters: 64);
        x = Separable(x, filters: 128, stride: 2);
        x = Separable(x, filters: 128);
        x = Separable(x, filters: 256, stride: 2);
        x = Separable(x, filters: 256);
        x = Separable(x, filters: 512, stride: 2);
        for (var i = 0; i < 5; i++)
            x = Separable(x, filters: 512);
        x = Separable(x, filters: 1024, stride: 2);
        x = Separable(x, filters: 1024);
        x = b.GlobalAveragePool(x, name: "global_average_pooling");
        if (options.Dropout > 0)
            x = b.Dropout(x, options.Dropout, name: "dropout");
        x = b.Dense(x, options.Classes, name: "dense");
        return b.Build(options.Metadata, b.Softmax(x, name: "softmax"));

        int Scaled(int filters) => (int)(filters * alpha);

        Value NormalizeAndClip(Value input, string layer) =>
            b.Relu6(b.BatchNorm(input, name: $"{layer}_bn"), name: $"{layer}_relu");

        Value Separable(Value input, int filters, int stride = 1)
        {
            block++;
            // Keras pads below and to the right only, and so does every set of published weights.
            if (stride == 2)
                input = b.Pad(input, new Padding(0, 0, 1, 1), name: $"conv_pad_{block}");
            var border = stride == 1 ? BorderMode.Same : BorderMode.Valid;
            var depthwise = b.DepthwiseConv2D(input, kernel: 3, stride, border, bias: false, name: $"conv_dw_{block}");
            depthwise = NormalizeAndClip(depthwise, $"conv_dw_{block}");
            var pointwise = b.Conv2D(depthwise, Scaled(filters), kernel: 1, bias: false, name: $"conv_pw_{block}");
            return NormalizeAndClip(pointwise, $"conv_pw_{block}");
        }
    }

    private static ZooModel Model(double alpha)
    {
        var width = Format(alpha);
        return new ZooModel(
            Name(alpha), "mobilenet", "v1", alpha, $"MobileNet v1, all widths times {width}", options => Build(alpha, options))
        {
            Paper = "Howard et al. 2017, arXiv:1704.04861",
            Aliases = [$"mobilenetv1_{width}", $"mobilenet_{width}", $"mobilenet_v1_a{width.Replace(".", "", StringComparison.Ordinal)}"],
        };
    }

    private static string Name(double alpha) => $"mobilenet_v1_{Format(alpha)}";

    private static string Format(double alpha) => alpha.ToString("0.0###", CultureInfo.InvariantCulture);
}
