using Kindling.Graphs;

namespace Kindling.Zoo;

/// <summary>
/// ST EfficientNet LC (low complexity): EfficientNet B0 at width 0.45 and expansion 3, with ReLU6 for swish, a bias in every convolution
/// and a clip to -4…4 before the sigmoid of squeeze-and-excite.
/// </summary>
public static class StEfficientNetLc
{
    private const int SideStep = 32;
    private const string Name = "st_efficientnet_lc_v1";

    /// <summary>The family as the catalogue lists it.</summary>
    public static ZooFamily Family { get; } = new(
        "st_efficientnet_lc",
        [
            new ZooModel(Name, "st_efficientnet_lc", "v1", null, "ST EfficientNet LC: EfficientNet B0 made narrow and fit for int8", V1)
            {
                Defaults = new ModelOptions { Height = 128, Width = 128, Classes = 5 },
                Paper = "after Tan and Le 2019, arXiv:1905.11946; ST model zoo",
            },
        ]);

    /// <summary>Version 1: 513 268 + 577 C parameters for C classes (RGB).</summary>
    /// <param name="options">Input (square, a multiple of 32), classes, dropout before the classifier, drop-connect.</param>
    /// <returns>Input <c>[1, H, W, C]</c> float, output <c>[1, classes]</c> probabilities.</returns>
    /// <exception cref="KindlingException">An option is out of range, or the input is not square or no multiple of 32.</exception>
    public static Graph V1(ModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Height != options.Width || options.Height < SideStep || options.Height % SideStep != 0)
        {
            throw new KindlingException(
                $"{Name}: the input is {options.Height}x{options.Width}; it must be square with a multiple of {SideStep} as its side, "
                + $"such as {Nearest(options.Height)}x{Nearest(options.Height)}");
        }

        return new EfficientNetBackbone(
            new EfficientNetDesign(
                Name, Width: 0.45, Depth: 1, Expansion: 3, HasBias: true, static (b, x, name) => b.Relu6(x, name),
                static (b, x, block) => b.Sigmoid(b.Clip(x, -4, 4, $"{block}_clip"), $"{block}_sigmoid")),
            options).Build();
    }

    private static int Nearest(int side) => Math.Max(1, (side + (SideStep / 2)) / SideStep) * SideStep;
}
