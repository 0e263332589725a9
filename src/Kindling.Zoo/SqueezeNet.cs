using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo;

/// <summary>
/// SqueezeNet as its authors released it for Caffe (Iandola et al. 2016): convolutions of 1x1 squeeze the channels before 1x1 and 3x3
/// convolutions expand them again; pools round their output size up. Layers are named as in the authors' files.
/// </summary>
public static class SqueezeNet
{
    private const string Paper = "Iandola et al. 2016, arXiv:1602.07360";

    /// <summary>The family as the catalogue lists it: the authors' networks, ST's and the notebook's.</summary>
    public static ZooFamily Family { get; } = new(
        "squeezenet",
        [
            new ZooModel("squeezenet_v1.0", "squeezenet", "v1.0", null, "SqueezeNet 1.0: AlexNet's accuracy with a fiftieth of its parameters", V10)
            {
                Aliases = ["squeezenet1.0", "squeezenet_1.0"], Defaults = Released, Paper = Paper,
            },
            new ZooModel("squeezenet_v1.1", "squeezenet", "v1.1", null, "SqueezeNet 1.1: 2.4 times fewer MACs than 1.0 at its accuracy", V11)
            {
                Aliases = ["squeezenet1.1", "squeezenet_1.1", "squeezenet"], Defaults = Released, Paper = Paper,
            },
            new ZooModel(
                "squeezenet_v1.0_simple_bypass", "squeezenet", "v1.0_simple_bypass", null,
                "SqueezeNet 1.0 with identity shortcuts around fire 3, 5, 7 and 9", V10SimpleBypass)
            {
                Defaults = Released, Paper = Paper,
            },
            new ZooModel(
                "squeezenet_v1.0_complex_bypass", "squeezenet", "v1.0_complex_bypass", null,
                "SqueezeNet 1.0 with shortcuts around every fire module, 1x1 convolutions where the width changes", V10ComplexBypass)
            {
                Defaults = Released, Paper = Paper,
            },
            .. StSqueezeNet.Models,
            .. NotebookSqueezeNet.Models,
        ]);

    /// <summary>What the released networks were trained for: ImageNet at 227x227.</summary>
    private static ModelOptions Released => new() { Height = 227, Width = 227, Classes = 1000 };

    /// <summary>
    /// SqueezeNet 1.0: 7x7 stride-2 first convolution without padding, pools after modules 1, 4 and 8, last convolution padded by 1.
    /// 735 424 + 513 C parameters for C classes (RGB).
    /// </summary>
    /// <returns>Input <c>[1, H, W, C]</c> float, output <c>[1, classes]</c> probabilities.</returns>
    /// <exception cref="KindlingException">An option is out of range or the input is too small for the network.</exception>
    public static Graph V10(ModelOptions options) => V10("squeezenet_v1.0", options, static (_, _, y) => y);

    /// <summary>SqueezeNet 1.0 with a shortcut around each fire module that keeps the number of channels (3, 5, 7 and 9): as many parameters as without.</summary>
    /// <inheritdoc cref="V10(ModelOptions)"/>
    public static Graph V10SimpleBypass(ModelOptions options) => V10("squeezenet_v1.0_simple_bypass", options, static (fires, x, y) =>
        x.Shape.Channels == y.Shape.Channels ? fires.Builder.Add(y, x, name: $"fire{fires.Number}/bypass") : y);

    /// <summary>
    /// <see cref="V10SimpleBypass"/> with a shortcut of one linear 1x1 convolution around each other fire module (2, 4, 6 and 8): 341 248 more parameters.
    /// </summary>
    /// <inheritdoc cref="V10(ModelOptions)"/>
    public static Graph V10ComplexBypass(ModelOptions options) => V10("squeezenet_v1.0_complex_bypass", options, static (fires, x, y) =>
    {
        var b = fires.Builder;
        var shortcut = x.Shape.Channels == y.Shape.Channels ? x : b.Conv2D(x, y.Shape.Channels, kernel: 1, name: $"fire{fires.Number}/bypass1x1");
        return b.Add(y, shortcut, name: $"fire{fires.Number}/bypass");
    });

    /// <summary>
    /// SqueezeNet 1.1: 3x3 stride-2 first convolution without padding, pools after modules 1, 3 and 5. 722 496 + 513 C parameters for C classes (RGB).
    /// </summary>
    /// <inheritdoc cref="V10(ModelOptions)"/>
    public static Graph V11(ModelOptions options) => V11("squeezenet_v1.1", options, BorderMode.Ceil);

    /// <summary>SqueezeNet 1.1 with pools that round up or down, which differ at a few input sizes only.</summary>
    internal static Graph V11(string name, ModelOptions options, BorderMode pooling)
    {
        var fires = new FireModules(name, options);
        var x = fires.Input();
        x = fires.Builder.Conv2D(x, filters: 64, kernel: 3, stride: 2, BorderMode.Valid, activation: Activation.Relu, name: "conv1");
        x = fires.Pool(x, pooling);
        x = fires.Fire(x, squeeze: 16, expand: 64);
        x = fires.Fire(x, squeeze: 16, expand: 64);
        x = fires.Pool(x, pooling);
        x = fires.Fire(x, squeeze: 32, expand: 128);
        x = fires.Fire(x, squeeze: 32, expand: 128);
        x = fires.Pool(x, pooling);
        x = fires.Fire(x, squeeze: 48, expand: 192);
        x = fires.Fire(x, squeeze: 48, expand: 192);
        x = fires.Fire(x, squeeze: 64, expand: 256);
        x = fires.Fire(x, squeeze: 64, expand: 256);
        return fires.Finish(fires.Classify(fires.Drop(x)));
    }

    private static Graph V10(string name, ModelOptions options, Func<FireModules, Value, Value, Value> bypass)
    {
        var fires = new FireModules(name, options);
        var x = fires.Input();
        x = fires.Builder.Conv2D(x, filters: 96, kernel: 7, stride: 2, BorderMode.Valid, activation: Activation.Relu, name: "conv1");
        x = fires.Pool(x, BorderMode.Ceil);
        x = Fire(x, squeeze: 16, expand: 64);
        x = Fire(x, squeeze: 16, expand: 64);
        x = Fire(x, squeeze: 32, expand: 128);
        x = fires.Pool(x, BorderMode.Ceil);
        x = Fire(x, squeeze: 32, expand: 128);
        x = Fire(x, squeeze: 48, expand: 192);
        x = Fire(x, squeeze: 48, expand: 192);
        x = Fire(x, squeeze: 64, expand: 256);
        x = fires.Pool(x, BorderMode.Ceil);
        x = Fire(x, squeeze: 64, expand: 256);
        return fires.Finish(fires.Classify(fires.Drop(x), padding: 1));

        Value Fire(Value input, int squeeze, int expand) => bypass(fires, input, fires.Fire(input, squeeze, expand));
    }
}
