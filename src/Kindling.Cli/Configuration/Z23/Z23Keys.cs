namespace Kindling.Cli.Configuration.Z23;

/// <summary>The keys of the schema of 2023 beside those of 2024 that they became, so that faults name what the user wrote.</summary>
internal static class Z23Keys
{
    private static readonly (string Now, string Own)[] Pairs =
    [
        ("training.optimizer.Adam.learning_rate", "train_parameters.initial_learning"),
        ("training.optimizer.SGD.learning_rate", "train_parameters.initial_learning"),
        ("training.optimizer.RMSprop.learning_rate", "train_parameters.initial_learning"),
        ("training.optimizer", "train_parameters.optimizer"),
        ("training.callbacks", "train_parameters.learning_rate_scheduler"),
        ("training.batch_size", "train_parameters.batch_size"),
        ("training.epochs", "train_parameters.training_epochs"),
        ("training.dropout", "model.dropout"),
        ("training.frozen_layers", "model.transfer_learning"),
        ("training.model.pretrained_weights", "model.transfer_learning"),
        ("training.model.input_shape", "model.input_shape"),
        ("training.model.name", "model.model_type.name"),
        ("training.model.version", "model.model_type.version"),
        ("training.model.alpha", "model.model_type.alpha"),
        ("training.model", "model"),
        ("training", "train_parameters"),
        ("preprocessing.resizing.interpolation", "pre_processing.resizing"),
        ("preprocessing.resizing.aspect_ratio", "pre_processing.aspect_ratio"),
        ("preprocessing.color_mode", "pre_processing.color_mode"),
        ("preprocessing", "pre_processing"),
        ("data_augmentation.random_flip", "data_augmentation.RandomFlip"),
        ("data_augmentation.random_translation", "data_augmentation.RandomTranslation"),
        ("data_augmentation.random_rotation", "data_augmentation.RandomRotation"),
        ("data_augmentation.random_zoom", "data_augmentation.RandomZoom"),
        ("data_augmentation.random_contrast", "data_augmentation.RandomContrast"),
        ("data_augmentation.random_brightness", "data_augmentation.RandomBrightness"),
        ("data_augmentation.random_shear", "data_augmentation.RandomShear"),
        ("general.model_path", "model.model_path"),
        ("dataset.quantization_path", "quantization.quantization_dataset"),
        ("benchmarking.board", "stm32ai.footprints_on_target"),
    ];

    /// <summary>A fault of the translated document in the words of the user's own.</summary>
    public static Fault Own(Fault fault)
    {
        // Whoever overrides a key of 2024 on the command line knows it by that name.
        if (fault.Origin.Argument?.StartsWith(fault.KeyPath, StringComparison.Ordinal) == true)
            return fault;
        var path = fault.KeyPath;
        var (now, own) = Array.Find(Pairs, p => path == p.Now || path.StartsWith($"{p.Now}.", StringComparison.Ordinal));
        var rest = now is null ? path : path[now.Length..];
        // A key that became a section of its own has no parts in the user's file.
        var isOneValue = own is not null && own.StartsWith("data_augmentation.", StringComparison.Ordinal);
        var message = Pairs.Where(p => p.Now.Contains('.', StringComparison.Ordinal)).Aggregate(
            fault.Message, (text, pair) => text.Replace(pair.Now, pair.Own, StringComparison.Ordinal));
        return fault with { KeyPath = now is null ? path : isOneValue ? own! : own + rest, Message = message };
    }
}
