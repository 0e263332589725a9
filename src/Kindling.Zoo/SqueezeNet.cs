using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo;

/// <summary>
/// SqueezeNet (Iandola et al. 2016): convolutions of 1x1 squeeze the channels before 1x1 and 3x3 convolutions expand them again.
/// </summary>
public static class SqueezeNet
{
    /// <summary>The family as the catalogue lists it.</summary>
    public static ZooFamily Family { get; } = new(
        "squeezenet",
        [
            new ZooModel("squeezenet_v1.1", "squeezenet", "v11", null, "SqueezeNet 1.1: 2.4 times fewer MACs than 1.0 at its accuracy", V11)
            {
                Aliases = ["squeezenet_v11", "squeezenet1.1", "squeezenet_1.1", "squeezenet"],
            },
        ]);

    /// <summary>
    /// SqueezeNet 1.1 as the ST model zoo trains it: 3x3 stride-2 first convolution without padding, 3x3 stride-2 max pools after modules 1, 3
    /// and 5 that round down, ReLU after every convolution, the last one included. 722 496 + 513 C parameters for C classes (RGB).
    /// </summary>
    /// <returns>Input <c>[1, H, W, C]</c> float, output <c>[1, classes]</c> probabilities.</returns>
    /// <exception cref="KindlingException">An option is out of range or the input is too small for the network.</exception>
    public static Graph V11(ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        const string name = "squeezenet_v1.1";
        options.Check(name);
        var b = new GraphBuilder(name, options.Seed);
        var module = 1;

        var x = b.Input("input", 1, options.Height, options.Width, options.Channels);
        x = b.Conv2D(x, filters: 64, kernel: 3, stride: 2, BorderMode.Valid, activation: Activation.Relu, name: "conv1");
        x = b.MaxPool2D(x, kernel: 3, stride: 2, name: "pool1");
        x = Fire(x, squeeze: 16, expand: 64);
        x = Fire(x, squeeze: 16, expand: 64);
        x = b.MaxPool2D(x, kernel: 3, stride: 2, name: "pool3");
        x = Fire(x, squeeze: 32, expand: 128);
        x = Fire(x, squeeze: 32, expand: 128);
        x = b.MaxPool2D(x, kernel: 3, stride: 2, name: "pool5");
        x = Fire(x, squeeze: 48, expand: 192);
        x = Fire(x, squeeze: 48, expand: 192);
        x = Fire(x, squeeze: 64, expand: 256);
        x = Fire(x, squeeze: 64, expand: 256);
        if (options.Dropout > 0)
            x = b.Dropout(x, options.Dropout, name: "drop9");
        x = b.Conv2D(x, options.Classes, kernel: 1, activation: Activation.Relu, name: "conv10");
        x = b.GlobalAveragePool(x, name: "pool10");
        return b.Build(options.Metadata, b.Softmax(x, name: "softmax"));

        Value Fire(Value input, int squeeze, int expand)
        {
            var fire = $"fire{++module}";
            var squeezed = b.Conv2D(input, squeeze, kernel: 1, activation: Activation.Relu, name: $"{fire}/squeeze1x1");
            var narrow = b.Conv2D(squeezed, expand, kernel: 1, activation: Activation.Relu, name: $"{fire}/expand1x1");
            var wide = b.Conv2D(squeezed, expand, kernel: 3, activation: Activation.Relu, name: $"{fire}/expand3x3");
            return b.Concat($"{fire}/concat", narrow, wide);
        }
    }
}
