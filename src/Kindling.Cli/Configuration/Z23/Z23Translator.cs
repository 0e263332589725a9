using Kindling.Cli.Configuration.Schema;

namespace Kindling.Cli.Configuration.Z23;

/// <summary>
/// Turns a configuration of ST's model zoo of 2023 into the schema of 2024. Every value keeps the line it was written on. Keys of 2024 beside
/// those of 2023 (overrides of the command line, say) win.
/// </summary>
internal sealed class Z23Translator
{
    private static readonly string[] Marks = ["train_parameters", "pre_processing", "model"];
    private readonly ConfigMap _own;
    private readonly List<Fault> _faults;
    private readonly ConfigMap _result = new([], Origin.WholeFile);

    private Z23Translator(ConfigMap own, List<Fault> faults)
    {
        _own = own;
        _faults = faults;
    }

    /// <summary>True when a document is written in the schema of 2023.</summary>
    public static bool Applies(ConfigMap root) => Marks.Any(m => root.Find(m) is not null);

    /// <summary>Translates a document; what cannot be translated is a fault in the user's own words.</summary>
    public static ConfigMap Translate(ConfigMap root, List<Fault> faults)
    {
        var translator = new Z23Translator(root, faults);
        translator.Run();
        return translator._result;
    }

    private void Run()
    {
        var start = new Origin(1);
        Put("general.global_seed", Text("42", start));
        Put("dataset.validation_split", Text("0.2", start));
        Put("dataset.seed", Text("133", start));
        Training();
        Preprocessing();
        Model();
        Quantization();
        if (_own.Find("data_augmentation")?.Value is ConfigMap { Entries: var entries } && entries.Any(e => e.Key.StartsWith("Random", StringComparison.Ordinal)))
            Z23Augmentation.Translate(entries, Put, _faults);
        foreach (var entry in _own.Entries.Where(e => !Marks.Contains(e.Key) && e.Key is not ("stm32ai" or "quantization")))
            Copy(entry.Key, entry.KeyOrigin, entry.Value);
        if (_own.Find("operation_mode") is null)
            Put("operation_mode", Text(Mode(), start));
        if (_own.Find("training")?.Value is ConfigMap { } given && given.Find("model")?.Value is ConfigMap model && model.Find("pretrained_model_path") is not null)
            Find("training.model")!.Entries.RemoveAll(e => e.Key == "pretrained_weights");
    }

    private void Training()
    {
        var section = Section("train_parameters", "batch_size", "training_epochs", "optimizer", "initial_learning", "learning_rate_scheduler");
        if (section is null)
            return;
        Move(section, "batch_size", "training.batch_size");
        Move(section, "training_epochs", "training.epochs");
        var rate = Value(section, "initial_learning");
        if (Value(section, "optimizer") is ConfigScalar optimizer)
        {
            var name = optimizer.Text.ToUpperInvariant() switch { "ADAM" => "Adam", "SGD" => "SGD", "RMSPROP" => "RMSprop", _ => optimizer.Text };
            Put($"training.optimizer.{name}", rate is null ? new ConfigMap([], optimizer.Origin) : new ConfigMap([new("learning_rate", rate.Origin, rate)], optimizer.Origin));
        }

        if (Value(section, "learning_rate_scheduler") is ConfigScalar scheduler)
            Scheduler(scheduler, rate ?? Text("0.001", scheduler.Origin));
        Put("training.callbacks.EarlyStopping", Map(section.Origin, ("monitor", "val_accuracy"), ("mode", "max"), ("patience", "30")));
    }

    private void Scheduler(ConfigScalar scheduler, ConfigNode rate)
    {
        string[] known = ["reducelronplateau", "exponential", "cosine", "constant"];
        var initial = new ConfigEntry("initial_lr", rate.Origin, rate);
        var hold = new ConfigEntry("hold_steps", scheduler.Origin, Text("10", scheduler.Origin));
        switch (scheduler.Text.ToLowerInvariant())
        {
            case "reducelronplateau":
                Put("training.callbacks.ReduceLROnPlateau", Map(
                    scheduler.Origin, ("monitor", "val_accuracy"), ("mode", "max"), ("factor", "0.1"), ("patience", "20"), ("min_lr", "1e-6")));
                break;
            case "exponential":
                Put("training.callbacks.LRExponentialDecay", new ConfigMap(
                    [initial, hold, new("decay_rate", scheduler.Origin, Text("0.001", scheduler.Origin))], scheduler.Origin));
                break;
            case "cosine":
                Put("training.callbacks.LRCosineDecay", new ConfigMap([initial, hold], scheduler.Origin));
                break;
            case "constant":
                break;
            default:
                _faults.Add(new Fault("training.callbacks", scheduler.Origin, SectionReader.Unknown("schedule", scheduler.Text, known)));
                break;
        }
    }

    private void Preprocessing()
    {
        var section = Section("pre_processing", "rescaling", "resizing", "aspect_ratio", "color_mode");
        if (section is null)
            return;
        if (Value(section, "rescaling") is ConfigMap rescaling)
        {
            // 2023 divides: out = in / scale + offset.
            var entries = rescaling.Entries.Select(e => e is { Key: "scale", Value: ConfigScalar scale } && ValueExpression.TryNumber(scale.Text, out var number) && number != 0
                ? e with { Value = scale with { Text = $"1/({scale.Text})" } }
                : e);
            Put("preprocessing.rescaling", rescaling with { Entries = [.. entries] });
        }

        Move(section, "resizing", "preprocessing.resizing.interpolation");
        if (Value(section, "aspect_ratio") is ConfigScalar ratio)
            Put("preprocessing.resizing.aspect_ratio", Flag(ratio) == false ? ratio with { Text = "fit" } : ratio);
        Move(section, "color_mode", "preprocessing.color_mode");
    }

    private void Model()
    {
        var section = Section("model", "model_type", "input_shape", "transfer_learning", "dropout", "model_path");
        if (section is null)
            return;
        if (Value(section, "model_type") is ConfigMap type)
        {
            foreach (var entry in type.Entries)
                Put($"training.model.{entry.Key}", entry.Value);
        }

        Move(section, "input_shape", "training.model.input_shape");
        Move(section, "dropout", "training.dropout");
        Move(section, "model_path", "general.model_path");
        if (Value(section, "transfer_learning") is not ConfigScalar transfer)
            return;
        if (Flag(transfer) == true)
        {
            Put("training.model.pretrained_weights", transfer with { Text = "imagenet" });
            Put("training.frozen_layers", transfer with { Text = "backbone" });
        }
        else if (Flag(transfer) is null)
        {
            _faults.Add(new Fault("model.transfer_learning", transfer.Origin, $"'{transfer.Text}' is not true or false"));
        }
    }

    private void Quantization()
    {
        if (_own.Find("quantization")?.Value is ConfigMap section)
        {
            foreach (var entry in section.Entries.Where(e => e.Key is not ("quantize" or "evaluate" or "quantization_dataset")))
                Copy($"quantization.{entry.Key}", entry.KeyOrigin, entry.Value);
            Move(section, "quantization_dataset", "dataset.quantization_path");
        }

        if (Board() is { } board)
            Put("benchmarking.board", board);
    }

    private string Mode()
    {
        var trains = _own.Find("train_parameters") is not null;
        var quantizes = _own.Find("quantization")?.Value is ConfigMap section && Value(section, "quantize") is ConfigScalar quantize && Flag(quantize) == true;
        return (trains, quantizes, Board()) switch
        {
            (true, true, not null) => "chain_tqeb",
            (true, true, null) => "chain_tqe",
            (true, false, _) => "training",
            (false, true, _) => "chain_eqe",
            _ => "evaluation",
        };
    }

    private ConfigScalar? Board() =>
        _own.Find("stm32ai")?.Value is ConfigMap section && Value(section, "footprints_on_target") is ConfigScalar board && Flag(board) != false ? board : null;

    private ConfigMap? Section(string name, params string[] keys)
    {
        if (_own.Find(name)?.Value is not ConfigMap section)
            return null;
        foreach (var entry in section.Entries.Where(e => !keys.Contains(e.Key)))
            _faults.Add(new Fault($"{name}.{entry.Key}", entry.KeyOrigin, SectionReader.Unknown("key", entry.Key, keys)));
        return section;
    }

    private void Move(ConfigMap section, string key, string path)
    {
        if (Value(section, key) is { } value)
            Put(path, value);
    }

    /// <summary>Copies a value of the schema of 2024; sections are merged.</summary>
    private void Copy(string path, Origin origin, ConfigNode value)
    {
        if (value is not ConfigMap map)
        {
            Put(path, value, origin);
            return;
        }

        if (Find(path) is null)
            Put(path, new ConfigMap([], map.Origin), origin);
        foreach (var entry in map.Entries.Where(e => path != "data_augmentation" || !e.Key.StartsWith("Random", StringComparison.Ordinal)))
            Copy($"{path}.{entry.Key}", entry.KeyOrigin, entry.Value);
    }

    private ConfigMap? Find(string path) =>
        path.Split('.').Aggregate((ConfigNode?)_result, (node, key) => (node as ConfigMap)?.Find(key)?.Value) as ConfigMap;

    private void Put(string path, ConfigNode value) => Put(path, value, value.Origin);

    private void Put(string path, ConfigNode value, Origin origin)
    {
        var map = _result;
        var keys = path.Split('.');
        foreach (var key in keys[..^1])
        {
            if (map.Find(key)?.Value is not ConfigMap inner)
            {
                inner = new ConfigMap([], origin);
                map.Entries.RemoveAll(e => e.Key == key);
                map.Entries.Add(new ConfigEntry(key, origin, inner));
            }

            map = inner;
        }

        map.Entries.RemoveAll(e => e.Key == keys[^1]);
        map.Entries.Add(new ConfigEntry(keys[^1], origin, value));
    }

    private static ConfigNode? Value(ConfigMap section, string key) =>
        section.Find(key)?.Value is { } value and not ConfigScalar { IsNull: true } ? value : null;

    private static bool? Flag(ConfigScalar scalar) => scalar.Text.ToUpperInvariant() switch { "TRUE" => true, "FALSE" => false, _ => null };

    private static ConfigScalar Text(string text, Origin origin) => new(text, false, origin);

    private static ConfigMap Map(Origin origin, params (string Key, string Value)[] entries) =>
        new([.. entries.Select(e => new ConfigEntry(e.Key, origin, Text(e.Value, origin)))], origin);
}
