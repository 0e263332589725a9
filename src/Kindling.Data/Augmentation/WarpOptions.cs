using Kindling.Graphs;

namespace Kindling.Data.Augmentation;

/// <summary>What lies beyond the image's edge.</summary>
internal enum FillMode
{
    /// <summary>The image mirrored at its edge: d c b a | a b c d | d c b a.</summary>
    Reflect,

    /// <summary>One value.</summary>
    Constant,

    /// <summary>The image again: a b c d | a b c d.</summary>
    Wrap,

    /// <summary>The edge's pixel: a a a a | a b c d | d d d d.</summary>
    Nearest,
}

/// <summary>How a geometric step reads between pixels and beyond the edge.</summary>
internal sealed record WarpOptions(FillMode Fill, Interpolation Interpolation, float FillValue)
{
    private static readonly AugmentationParameter FillModeParameter =
        new("fill_mode", AugmentationParameterKind.Choice, "What lies beyond the edge.") { Default = "reflect", Choices = ["reflect", "constant", "wrap", "nearest"] };

    private static readonly AugmentationParameter InterpolationParameter =
        new("interpolation", AugmentationParameterKind.Choice, "How positions between pixels are read.") { Default = "bilinear", Choices = ["bilinear", "nearest"] };

    private static readonly AugmentationParameter FillValueParameter =
        new("fill_value", AugmentationParameterKind.Number, "The value beyond the edge for fill_mode constant, in rescaled units.") { Default = 0.0 };

    /// <summary>The parameters all geometric functions but the flip share.</summary>
    public static IReadOnlyList<AugmentationParameter> Parameters { get; } = [FillModeParameter, InterpolationParameter, FillValueParameter];

    public static WarpOptions Read(AugmentationArguments arguments) => new(
        arguments.Choice(FillModeParameter) switch
        {
            "constant" => FillMode.Constant,
            "wrap" => FillMode.Wrap,
            "nearest" => FillMode.Nearest,
            _ => FillMode.Reflect,
        },
        arguments.Choice(InterpolationParameter) == "nearest" ? Interpolation.Nearest : Interpolation.Bilinear,
        arguments.Number(FillValueParameter));
}
