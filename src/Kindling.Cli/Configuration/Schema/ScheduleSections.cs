namespace Kindling.Cli.Configuration.Schema;

/// <summary>The learning-rate schedules, which are callbacks; at most one may be given.</summary>
internal static class ScheduleSections
{
    private static readonly KeySchema InitialRate = new("initial_lr", NumberRule.Positive, "Learning rate at the beginning.", IsRequired: true);
    private static readonly KeySchema HoldSteps = new("hold_steps", new IntegerRule(0), "Epochs at the first learning rate.", "0");
    private static readonly KeySchema EndRate = new("end_lr", new NumberRule(0), "Learning rate at the end.", "0");
    private static readonly KeySchema DecaySteps = new("decay_steps", new IntegerRule(1), "Epochs of decay; by default the rest of the training.");
    private static readonly KeySchema MinRate = new("min_lr", new NumberRule(0), "Lowest learning rate.", "0");
    private static readonly KeySchema Power = new("power", NumberRule.Positive, "Power of the share of epochs left; 1 is a straight line.", "0.5");
    private static readonly KeySchema Verbose = new("verbose", new IgnoredRule(), "See --verbose.");

    /// <summary>The schedules with their arguments.</summary>
    public static IReadOnlyDictionary<string, SectionSchema> All { get; } = new Dictionary<string, SectionSchema>
    {
        ["LRLinearDecay"] = new("A straight line down.", InitialRate, HoldSteps, DecaySteps, EndRate, Verbose),
        ["LRExponentialDecay"] = new(
            "Multiplied by exp(-decay_rate) each epoch.", InitialRate, HoldSteps,
            new("decay_rate", new NumberRule(0, 1, true), "The larger, the faster it falls.", IsRequired: true), MinRate, Verbose),
        ["LRStepDecay"] = new(
            "A factor every few epochs.", InitialRate, new("step_size", new IntegerRule(1), "Epochs between the steps.", IsRequired: true),
            new("decay_rate", new NumberRule(0, 1, true), "Factor a step.", IsRequired: true), MinRate, Verbose),
        ["LRCosineDecay"] = new("Half a cosine down.", InitialRate, HoldSteps, DecaySteps, EndRate, Verbose),
        ["LRWarmupCosineDecay"] = new(
            "A straight line up, then half a cosine down.", InitialRate with { Default = "1e-5", IsRequired = false },
            new("warmup_steps", new IntegerRule(0), "Epochs on the way up.", IsRequired: true), new("max_lr", NumberRule.Positive, "Highest learning rate.", IsRequired: true),
            HoldSteps, DecaySteps, EndRate, Verbose),
        ["LRCosineDecayRestarts"] = new(
            "Half a cosine down, again and again.", InitialRate, new("first_decay_steps", new IntegerRule(1), "Epochs of the first period.", IsRequired: true), EndRate,
            new("t_mul", new NumberRule(1), "Factor of each period's length.", "2"), new("m_mul", new NumberRule(0, 1, true), "Factor of each period's first rate.", "1"), Verbose),
        ["LRPolynomialDecay"] = new("A power of the share of epochs left.", InitialRate, HoldSteps, DecaySteps, EndRate, Power, Verbose),
        ["LRPolynomialDecayRestarts"] = new(
            "As LRPolynomialDecay, stretched by decay_steps whenever it ends.", InitialRate, HoldSteps, DecaySteps with { IsRequired = true }, EndRate,
            Power with { Default = "0.7" }, Verbose),
        ["LRPiecewiseConstantDecay"] = new(
            "Constant rates, each up to an epoch.", new("boundaries", new NumberListRule(), "Epochs, ascending, at which the next rate begins.", IsRequired: true),
            new("values", new NumberListRule(), "The rates, one more than boundaries.", IsRequired: true), Verbose),
    };
}
