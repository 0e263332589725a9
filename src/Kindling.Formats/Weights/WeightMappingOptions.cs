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

    /// <summary>Backbones of a related network: other widths and kernel sizes are fitted.</summary>
    public static WeightMappingOptions Adapted { get; } = new() { Mode = WeightMappingMode.Donor, AdaptWidths = true };

    /// <summary>How much has to fit.</summary>
    public WeightMappingMode Mode { get; init; }

    /// <summary>
    /// When weights and graph both know their preprocessing and it differs, the first convolution is rescaled so that it sees the pixels it was
    /// trained with. A gray network always takes the sum of the kernel over its colours.
    /// </summary>
    public bool AdaptInput { get; init; } = true;

    /// <summary>
    /// Layers of other widths and kernel sizes are fitted: channels are repeated (what reads them shares its weights) or the ones with the largest
    /// filters are kept, and taps are distributed over the new kernel. In a network of ReLUs without normalization the activations are brought to
    /// the scale of this network's pixels too. The classifier must be trained anew.
    /// </summary>
    public bool AdaptWidths { get; init; }

    /// <summary>Draws the shares of <see cref="AdaptWidths"/>.</summary>
    public long Seed { get; init; }
}
