using Kindling.Graphs;

namespace Kindling.Zoo;

/// <summary>
/// EfficientNet B0 to B7 (Tan and Le 2019): one network whose depth, width and resolution are scaled together. Parameter counts are those of
/// the weights, biases and batch normalization with its statistics: B0 at 1000 classes has 5 330 564, of which 5 288 548 are trained. (Keras
/// prints 7 more: the mean, variance and counter of an input normalization that is preprocessing here.)
/// </summary>
public static class EfficientNet
{
    // Width, depth, resolution of the paper's released networks.
    private static readonly (double Width, double Depth, int Resolution)[] Coefficients =
    [
        (1.0, 1.0, 224), (1.0, 1.1, 240), (1.1, 1.2, 260), (1.2, 1.4, 300), (1.4, 1.8, 380), (1.6, 2.2, 456), (1.8, 2.6, 528), (2.0, 3.1, 600),
    ];

    /// <summary>The family as the catalogue lists it.</summary>
    public static ZooFamily Family { get; } = new("efficientnet", [.. Enumerable.Range(0, Coefficients.Length).Select(Model)]);

    /// <summary>Builds a network.</summary>
    /// <param name="number">0 to 7 for B0 to B7.</param>
    /// <param name="options">Input (any size), classes, dropout before the classifier (0.2 to 0.5 in the paper), drop-connect.</param>
    /// <returns>Input <c>[1, H, W, C]</c> float, output <c>[1, classes]</c> probabilities.</returns>
    /// <exception cref="KindlingException">An option is out of range, or there is no such network.</exception>
    public static Graph Build(int number, ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (number < 0 || number >= Coefficients.Length)
            throw new KindlingException($"there is no EfficientNet B{number}; there are B0 to B{Coefficients.Length - 1}");
        var (width, depth, _) = Coefficients[number];
        return new EfficientNetBackbone(
            new EfficientNetDesign(Name(number), width, depth, Expansion: 6, HasBias: false, Swish, static (b, x, block) => b.Sigmoid(x, $"{block}_sigmoid")),
            options).Build();
    }

    private static ZooModel Model(int number)
    {
        var (width, depth, side) = Coefficients[number];
        return new ZooModel(
            Name(number), "efficientnet", $"b{number}", null,
            FormattableString.Invariant($"EfficientNet B{number}: width times {width:0.0}, depth times {depth:0.0}"), options => Build(number, options))
        {
            Aliases = [$"efficientnetb{number}"],
            Defaults = new ModelOptions { Height = side, Width = side },
            Paper = "Tan and Le 2019, arXiv:1905.11946",
        };
    }

    private static Value Swish(GraphBuilder b, Value x, string name) => b.Multiply(x, b.Sigmoid(x, $"{name}/sigmoid"), name);

    private static string Name(int number) => FormattableString.Invariant($"efficientnet_b{number}");
}
