namespace Kindling.Formats.Weights;

/// <summary>How much of a network has to be found in a file of weights.</summary>
public enum WeightMappingMode
{
    /// <summary>Every layer, with equal shapes; tensors of the file that no layer takes are a fault as well.</summary>
    Strict,

    /// <summary>
    /// The file is a donor for transfer learning: the classifier stays as it is, layers that are missing or of another shape are left out and listed.
    /// It is a fault when less than half of the other layers fit.
    /// </summary>
    Donor,
}

/// <summary>How weights are put on a graph.</summary>
public sealed record WeightMappingOptions
{
    /// <summary>Whole networks: strict, and the input is what the weights were trained with.</summary>
    public static WeightMappingOptions Strict { get; } = new() { Mode = WeightMappingMode.Strict, AdaptInput = false };

    /// <summary>Backbones for transfer learning.</summary>
    public static WeightMappingOptions Donor { get; } = new() { Mode = WeightMappingMode.Donor };

    /// <summary>How much has to fit.</summary>
    public WeightMappingMode Mode { get; init; }

    /// <summary>
    /// When weights and graph both know their preprocessing and it differs, the first convolution is rescaled so that it sees the pixels it was
    /// trained with. A gray network always takes the sum of the kernel over its colours.
    /// </summary>
    public bool AdaptInput { get; init; } = true;
}
