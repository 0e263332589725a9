namespace Kindling.Cli.Verbs;

/// <summary><c>kindling train</c>: only the training of a configuration.</summary>
internal sealed class TrainVerb : RunVerb
{
    public TrainVerb()
        : base(
            "train", "Trains and evaluates the float network of a user_config.yaml, whatever its operation_mode says.",
            "kindling train examples/flowers_mobilenet_v1_0.25_96.yaml dataset.training_path=flower_photos.zip training.epochs=20")
    {
    }

    protected override IReadOnlyList<string> ExtraOverrides { get; } = ["operation_mode=training"];
}
