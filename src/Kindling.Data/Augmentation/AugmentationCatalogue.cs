namespace Kindling.Data.Augmentation;

/// <summary>The augmentation functions a configuration can use.</summary>
public static class AugmentationCatalogue
{
    /// <summary>All functions.</summary>
    public static IReadOnlyList<AugmentationFunction> Functions { get; } =
    [
        RandomFlip.Function,
        RandomTranslation.Function,
        RandomRotation.Function,
        RandomZoom.Function,
        RandomShear.Function,
        RandomAxisShear.AlongX,
        RandomAxisShear.AlongY,
        RandomResizedCrop.Function,
        RandomPeriodicResizing.Function,
        RandomContrast.Function,
        RandomBrightness.Function,
        RandomGamma.Function,
        RandomHsv.HueOnly,
        RandomHsv.SaturationOnly,
        RandomHsv.ValueOnly,
        RandomHsv.Function,
        RandomRgbToHsv.Function,
        RandomRgbToGrayscale.Function,
        RandomInvert.Function,
        RandomSolarize.Function,
        RandomPosterize.Function,
        RandomEqualize.Function,
        RandomAutocontrast.Function,
        RandomSharpness.Function,
        RandomBlur.Function,
        RandomGaussianNoise.Function,
        RandomJpegQuality.Function,
        RandomRectangleErasing.Function,
        RandomGridCellErasing.Function,
    ];

    /// <summary>The function called <paramref name="name"/>, or null.</summary>
    public static AugmentationFunction? Find(string name) => Functions.FirstOrDefault(f => f.Name == name);

    /// <summary>Everything that is wrong with a list of functions; empty when it can be used.</summary>
    public static IReadOnlyList<string> Validate(IReadOnlyList<AugmentationSpec> specs)
    {
        var faults = new List<string>();
        _ = CreateSteps(specs, faults);
        return faults;
    }

    internal static List<AugmentationStep> CreateSteps(IReadOnlyList<AugmentationSpec> specs, List<string> faults)
    {
        var steps = new List<AugmentationStep>();
        var seen = new HashSet<string>();
        foreach (AugmentationSpec spec in specs)
        {
            AugmentationFunction? function = Find(spec.Function);
            if (function is null)
                faults.Add($"data_augmentation.{spec.Function}: unknown function; available are {string.Join(", ", Functions.Select(f => f.Name))}");
            else if (!seen.Add(spec.Function))
                faults.Add($"data_augmentation.{spec.Function}: given twice; each function may be used once");
            else if (function.Create(spec, faults) is { } step)
                steps.Add(step);
        }

        return steps;
    }
}
