using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo;

/// <summary>
/// SqueezeNet as the ST model zoo trains it: pools round down, and what it calls 1.0 is a smaller network with batch normalization.
/// </summary>
public static class StSqueezeNet
{
    private const string Paper = "after Iandola et al. 2016, arXiv:1602.07360; ST model zoo";

    /// <summary>The networks as the catalogue lists them.</summary>
    internal static IReadOnlyList<ZooModel> Models { get; } =
    [
        new ZooModel("st_squeezenet_v1.0", "squeezenet", "v10", null, "ST's SqueezeNet v10: seven fire modules with batch normalization", V10)
        {
            Aliases = ["squeezenet_v10"], Defaults = Published, Paper = Paper,
        },
        new ZooModel("st_squeezenet_v1.1", "squeezenet", "v11", null, "ST's SqueezeNet v11: SqueezeNet 1.1 with pools that round down", V11)
        {
            Aliases = ["squeezenet_v11"], Defaults = Published, Paper = Paper,
        },
    ];

    private static ModelOptions Published => new() { Height = 128, Width = 128, Classes = 5 };

    /// <summary>
    /// ST's version v10: SqueezeNet 1.0 without its module fire8, the third pool after fire7, batch normalization behind the ReLU of every
    /// squeeze convolution and of the last one. 539 264 + 517 C parameters for C classes (RGB).
    /// </summary>
    /// <inheritdoc cref="SqueezeNet.V10(ModelOptions)"/>
    public static Graph V10(ModelOptions options)
    {
        var fires = new FireModules("st_squeezenet_v1.0", options);
        var x = fires.Input();
        x = fires.Builder.Conv2D(x, filters: 96, kernel: 7, stride: 2, BorderMode.Valid, activation: Activation.Relu, name: "conv1");
        x = fires.Pool(x, BorderMode.Valid);
        x = fires.Fire(x, squeeze: 16, expand: 64, normalize: true);
        x = fires.Fire(x, squeeze: 16, expand: 64, normalize: true);
        x = fires.Fire(x, squeeze: 32, expand: 128, normalize: true);
        x = fires.Pool(x, BorderMode.Valid);
        x = fires.Fire(x, squeeze: 32, expand: 128, normalize: true);
        x = fires.Fire(x, squeeze: 48, expand: 192, normalize: true);
        x = fires.Fire(x, squeeze: 48, expand: 192, normalize: true);
        x = fires.Pool(x, BorderMode.Valid);
        fires.Number++;
        x = fires.Fire(x, squeeze: 64, expand: 256, normalize: true);
        x = fires.Classify(fires.Drop(x));
        return fires.Finish(fires.Builder.BatchNorm(x, name: "conv10/bn"));
    }

    /// <summary>ST's version v11: SqueezeNet 1.1 with pools that round down. 722 496 + 513 C parameters for C classes (RGB).</summary>
    /// <inheritdoc cref="SqueezeNet.V10(ModelOptions)"/>
    public static Graph V11(ModelOptions options) => SqueezeNet.V11("st_squeezenet_v1.1", options, BorderMode.Valid);
}
