namespace Kindling.Data.Augmentation;

/// <summary>What a parameter of an augmentation function accepts.</summary>
public enum AugmentationParameterKind
{
    /// <summary>One number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A pair (low, high) to draw from uniformly, or one number that stands for a pair.</summary>
    Range,

    /// <summary>A pair (low, high) of whole numbers to draw from, both included, or one number that stands for a pair.</summary>
    IntegerRange,

    /// <summary>One image size: a whole number for a square, or a pair (height, width).</summary>
    Size,

    /// <summary>A sequence of image sizes.</summary>
    Sizes,

    /// <summary>One of the words in <see cref="AugmentationParameter.Choices"/>.</summary>
    Choice,

    /// <summary>One value a channel, from 0 to 255.</summary>
    Color,
}

/// <summary>Which pair a single number v given for a range stands for.</summary>
public enum ScalarMeaning
{
    /// <summary>(-v, v).</summary>
    Symmetric,

    /// <summary>(1 - v, 1 + v).</summary>
    AroundOne,

    /// <summary>(0, v).</summary>
    FromZero,

    /// <summary>(v, v): always exactly v.</summary>
    Exactly,
}

/// <summary>A documented, typed parameter of an augmentation function.</summary>
/// <param name="Name">The key in the configuration.</param>
/// <param name="Kind">What is accepted.</param>
/// <param name="Description">One sentence with units.</param>
public sealed record AugmentationParameter(string Name, AugmentationParameterKind Kind, string Description)
{
    /// <summary>The value used when none is given, in the form an argument has; null when the parameter may be absent or is required.</summary>
    public object? Default { get; init; }

    /// <summary>A value that shows what the function does, where there is no default; null otherwise.</summary>
    public object? Example { get; init; }

    /// <summary>True when a value must be given.</summary>
    public bool Required { get; init; }

    /// <summary>The words a <see cref="AugmentationParameterKind.Choice"/> accepts.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The least number allowed (after <see cref="Scalar"/> is applied to ranges).</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number allowed (after <see cref="Scalar"/> is applied to ranges).</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>What one number stands for where a range is expected.</summary>
    public ScalarMeaning Scalar { get; init; } = ScalarMeaning.Symmetric;
}
