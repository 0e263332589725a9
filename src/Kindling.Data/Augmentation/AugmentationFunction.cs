namespace Kindling.Data.Augmentation;

/// <summary>An augmentation function that a configuration can name, with its parameters.</summary>
public sealed class AugmentationFunction
{
    private readonly Func<AugmentationArguments, AugmentationStep> _create;

    internal AugmentationFunction(
        string name, string description, double defaultChangeRate, IReadOnlyList<AugmentationParameter> parameters, Func<AugmentationArguments, AugmentationStep> create)
    {
        Name = name;
        Description = description;
        ChangeRate = new AugmentationParameter("change_rate", AugmentationParameterKind.Number, "The share of images that are altered.")
        {
            Default = defaultChangeRate,
            Minimum = 0,
            Maximum = 1,
        };
        Parameters = [.. parameters, ChangeRate];
        _create = create;
    }

    /// <summary>The key in the configuration, such as <c>random_flip</c>.</summary>
    public string Name { get; }

    /// <summary>One sentence on what it does.</summary>
    public string Description { get; }

    /// <summary>Every parameter, <c>change_rate</c> last.</summary>
    public IReadOnlyList<AugmentationParameter> Parameters { get; }

    /// <summary>True when it means something for images of red, green and blue only.</summary>
    public bool NeedsColor { get; init; }

    /// <summary>A use that shows what the function does: defaults, and example values for what has none.</summary>
    public AugmentationSpec Example => new(Name, Parameters.Where(p => p.Example is not null).ToDictionary(p => p.Name, p => p.Example));

    private AugmentationParameter ChangeRate { get; }

    /// <summary>Builds the step, or adds to <paramref name="faults"/> what is wrong with the arguments.</summary>
    internal AugmentationStep? Create(AugmentationSpec spec, List<string> faults)
    {
        int before = faults.Count;
        foreach (string key in spec.Arguments.Keys)
        {
            if (!Parameters.Any(p => p.Name == key))
                faults.Add($"data_augmentation.{Name}.{key}: unknown parameter; allowed are {string.Join(", ", Parameters.Select(p => p.Name))}");
        }

        var arguments = new AugmentationArguments(Name, spec.Arguments, faults);
        AugmentationStep step = _create(arguments);
        step.ChangeRate = arguments.Number(ChangeRate);
        return faults.Count == before ? step : null;
    }
}
