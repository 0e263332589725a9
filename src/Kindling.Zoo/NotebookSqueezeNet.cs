using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Zoo;

/// <summary>
/// SqueezeNet 1.0 as the Fashion-MNIST notebook writes it for gray images of 224x224: first convolution padded and without ReLU, pools that
/// round down, last convolution without padding and without ReLU. The sides need at least 29 pixels.
/// </summary>
public static class NotebookSqueezeNet
{
    private const string Paper = "after Iandola et al. 2016, arXiv:1602.07360; Fashion-MNIST notebook";

    /// <summary>The networks as the catalogue lists them.</summary>
    internal static IReadOnlyList<ZooModel> Models { get; } =
    [
        new ZooModel("squeezenet_notebook_v0", "squeezenet", "notebook_v0", null, "SqueezeNet 1.0 of the Fashion-MNIST notebook, plain", V0)
        {
            Defaults = Published, Paper = Paper,
        },
        new ZooModel("squeezenet_notebook_v1", "squeezenet", "notebook_v1", null, "SqueezeNet 1.0 of the Fashion-MNIST notebook, with simple bypass", V1)
        {
            Defaults = Published, Paper = Paper,
        },
    ];

    private static ModelOptions Published => new() { Channels = 1, Classes = 10 };

    /// <summary>The plain network: 735 424 + 513 C parameters for C classes with RGB input, 9 408 fewer with gray.</summary>
    /// <inheritdoc cref="SqueezeNet.V10(ModelOptions)"/>
    public static Graph V0(ModelOptions options) => Build("squeezenet_notebook_v0", options, hasBypass: false);

    /// <summary>
    /// <see cref="V0"/> with shortcuts around fire 3, 5, 7 and 9, no ReLU behind the sums; the dropout stands between fire9 and its sum.
    /// </summary>
    /// <inheritdoc cref="SqueezeNet.V10(ModelOptions)"/>
    public static Graph V1(ModelOptions options) => Build("squeezenet_notebook_v1", options, hasBypass: true);

    private static Graph Build(string name, ModelOptions options, bool hasBypass)
    {
        var fires = new FireModules(name, options);
        var x = fires.Input();
        x = fires.Builder.Conv2D(x, filters: 96, kernel: 7, stride: 2, BorderMode.Same, name: "conv1");
        x = fires.Pool(x, BorderMode.Valid);
        x = fires.Fire(x, squeeze: 16, expand: 64);
        x = Bypass(x, fires.Fire(x, squeeze: 16, expand: 64));
        x = fires.Fire(x, squeeze: 32, expand: 128);
        x = fires.Pool(x, BorderMode.Valid);
        x = Bypass(x, fires.Fire(x, squeeze: 32, expand: 128));
        x = fires.Fire(x, squeeze: 48, expand: 192);
        x = Bypass(x, fires.Fire(x, squeeze: 48, expand: 192));
        x = fires.Fire(x, squeeze: 64, expand: 256);
        x = fires.Pool(x, BorderMode.Valid);
        x = Bypass(x, fires.Drop(fires.Fire(x, squeeze: 64, expand: 256)));
        return fires.Finish(fires.Classify(x, activation: Activation.None));

        Value Bypass(Value input, Value output) =>
            hasBypass ? fires.Builder.Add(output, input, name: $"fire{fires.Number}/bypass") : output;
    }
}
