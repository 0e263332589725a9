namespace Kindling.Cli.Configuration.Schema;

/// <summary>The whole user_config.yaml, after ST's published schema of 2024.</summary>
internal static class UserConfigSchema
{
    private static readonly Dictionary<string, string> ModeAliases = new() { ["chain_tbqebd"] = "chain_tqebd" };

    /// <summary>The operation modes with what they run.</summary>
    public static IReadOnlyDictionary<string, string> Modes { get; } = new Dictionary<string, string>
    {
        ["training"] = "train, evaluate",
        ["evaluation"] = "evaluate a model file",
        ["quantization"] = "quantize a float model file",
        ["prediction"] = "classify photos",
        ["benchmarking"] = "memory, flash and instructions of an int8 model",
        ["deployment"] = "C for an int8 model",
        ["chain_tqe"] = "train, quantize, evaluate",
        ["chain_tqeb"] = "train, quantize, evaluate, benchmark; with a deployment section also deploy",
        ["chain_tbqeb"] = "as chain_tqeb",
        ["chain_tqebd"] = "train, quantize, evaluate, benchmark, deploy",
        ["chain_eqe"] = "evaluate, quantize, evaluate",
        ["chain_qb"] = "quantize, benchmark",
        ["chain_eqeb"] = "evaluate, quantize, evaluate, benchmark",
        ["chain_qd"] = "quantize, deploy",
    };

    /// <summary>The sections and keys at the top of the file.</summary>
    public static SectionSchema Root { get; } = new(
        "The configuration of one run.",
        new("operation_mode", new ChoiceRule([.. Modes.Keys], ModeAliases), "What is run.", IsRequired: true),
        new("general", new SectionRule(GeneralSections.General), GeneralSections.General.Doc),
        new("dataset", new SectionRule(GeneralSections.Dataset), GeneralSections.Dataset.Doc),
        new("preprocessing", new SectionRule(GeneralSections.Preprocessing), GeneralSections.Preprocessing.Doc),
        new("data_augmentation", AugmentationSection.Rule, "Changes to the training photos, in this order, each at most once, drawn anew for every photo and epoch."),
        new("custom_data_augmentation", new IgnoredRule(), "Python functions cannot be called."),
        new("training", new SectionRule(TrainingSections.Training), TrainingSections.Training.Doc),
        new("quantization", new SectionRule(GeneralSections.Quantization), GeneralSections.Quantization.Doc),
        new("prediction", new SectionRule(GeneralSections.Prediction), GeneralSections.Prediction.Doc),
        new("benchmarking", new SectionRule(GeneralSections.Benchmarking), GeneralSections.Benchmarking.Doc),
        new("deployment", new SectionRule(GeneralSections.Deployment), GeneralSections.Deployment.Doc),
        new("tools", new SectionRule(GeneralSections.Tools), GeneralSections.Tools.Doc),
        new("mlflow", new IgnoredRule(), "Runs are recorded in the output folder."),
        new("hydra", new IgnoredRule(), "The output folder is outputs/<date>_<name>, or --output."));
}
