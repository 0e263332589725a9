using Kindling.Cli.Configuration.Schema;
using Kindling.Cli.Models;
using Kindling.Cli.Pipeline;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Zoo;

namespace Kindling.Cli.Configuration;

/// <summary>What an operation mode needs: sections, paths that exist, and keys that fit each other.</summary>
internal static class ConfigurationRules
{
    /// <summary>Notes every rule that is broken.</summary>
    public static void Check(UserConfig config, Settings root, List<Fault> faults)
    {
        if (config.Steps == Steps.None)
            return;
        CheckSections(config, root, faults);
        CheckPaths(config, root, faults);
        CheckModelFile(config, root, faults);
        CheckChannels(config, root, faults);
        CheckNetwork(config, root, faults);
        CheckStart(config, root, faults);
        CheckTrainingParts(config, faults);
    }

    private static void CheckSections(UserConfig config, Settings root, List<Fault> faults)
    {
        if (config.Runs(Steps.Train))
        {
            foreach (var section in new[] { "dataset", "preprocessing", "training" })
                Require(section);
            if (root.Has("dataset") && config.Dataset.TrainingPath is null && !config.Dataset.IsSynthetic)
            {
                faults.Add(new Fault(
                    "dataset.training_path", root.Get<Settings>("dataset")!.Origin,
                    $"missing; a folder or .zip archive with one folder of photos a class (or dataset.name: {DatasetConfig.Synthetic} for the set that Kindling draws)"));
            }
        }
        else if (config.Runs(Steps.Evaluate))
        {
            Require("dataset");
        }

        if (config.Runs(Steps.Predict) && config.PredictionPath is null)
            faults.Add(new Fault("prediction.test_images_path", root.Get<Settings>("prediction")?.Origin ?? Origin.WholeFile, "missing; a folder of photos, or one photo"));

        void Require(string section)
        {
            if (!root.Has(section) && !faults.Any(f => f.KeyPath == section))
            {
                faults.Add(new Fault(
                    section, root.OriginOf(section),
                    $"missing section; operation_mode {config.Mode} ({UserConfigSchema.Modes.GetValueOrDefault(config.Mode, "")}) needs it"));
            }
        }
    }

    private static void CheckPaths(UserConfig config, Settings root, List<Fault> faults)
    {
        var dataset = root.Get<Settings>("dataset");
        if (dataset is not null && config.Steps != Steps.Predict && config.Steps != Steps.Benchmark && config.Steps != Steps.Deploy)
        {
            foreach (var key in new[] { "training_path", "validation_path", "test_path", "quantization_path" })
            {
                var path = dataset.Get<string>(key);
                if (path is not null && !Path.Exists(path))
                    faults.Add(new Fault($"dataset.{key}", dataset.OriginOf(key), $"nothing is at '{path}'; a folder with one sub-folder a class, or a .zip archive of one, is expected"));
            }
        }

        if (config.Runs(Steps.Predict) && config.PredictionPath is { } images && !Path.Exists(images))
            faults.Add(new Fault("prediction.test_images_path", root.Get<Settings>("prediction")!.OriginOf("test_images_path"), $"nothing is at '{images}'"));
    }

    private static void CheckModelFile(UserConfig config, Settings root, List<Fault> faults)
    {
        if (!config.StartsFromModelFile || (config.Runs(Steps.Train) && config.Training is null))
            return;
        var general = root.Get<Settings>("general");
        var origin = general?.OriginOf("model_path") ?? Origin.WholeFile;
        string[] extensions = config.Runs(Steps.Train) ? [".safetensors", ".h5"]
            : config.Runs(Steps.Quantize) ? [".safetensors", ".h5", ".onnx", ".tflite"]
            : config.Runs(Steps.Benchmark) || config.Runs(Steps.Deploy) ? [".tflite", ".onnx"]
            : [".tflite", ".onnx", ".safetensors", ".h5"];
        if (config.General.ModelPath is null && config.Runs(Steps.Train) && config.Training!.ResumeFrom is not null)
            return;
        if (config.General.ModelPath is null && config.Runs(Steps.Train))
            faults.Add(new Fault("training.model", root.Get<Settings>("training")!.OriginOf("model"), "missing; a network of the zoo (or general.model_path: a .safetensors or .h5 file to train further)"));
        else if (config.General.ModelPath is not { } path)
            faults.Add(new Fault("general.model_path", origin, $"missing; operation_mode {config.Mode} begins with a model file ({string.Join(" or ", extensions)})"));
        else if (!extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            faults.Add(new Fault("general.model_path", origin, $"'{path}' is not a file that operation_mode {config.Mode} can begin with; allowed: {string.Join(", ", extensions)}"));
        else if (!File.Exists(path))
            faults.Add(new Fault("general.model_path", origin, $"nothing is at '{path}'"));
    }

    private static void CheckChannels(UserConfig config, Settings root, List<Fault> faults)
    {
        if (config is not { Training.Model: { } network, Preprocessing: { } preprocessing } || !root.Get<Settings>("training")!.Has("model"))
            return;
        var channels = preprocessing.For(1, 1).Channels;
        var model = root.Get<Settings>("training")!.Get<Settings>("model")!;
        if (model.Has("input_shape") && network.InputShape[2] != channels)
        {
            faults.Add(new Fault(
                "training.model.input_shape", model.OriginOf("input_shape"),
                $"{network.InputShape[2]} channels do not fit preprocessing.color_mode {preprocessing.Color.ToString().ToLowerInvariant()}, which has {channels}"));
        }
    }

    /// <summary>Builds the network once: only it knows which versions exist and which inputs are too small.</summary>
    private static void CheckNetwork(UserConfig config, Settings root, List<Fault> faults)
    {
        var section = root.Get<Settings>("training")?.Get<Settings>("model");
        if (!config.Runs(Steps.Train) || section is null || !section.Has("name") || !section.Has("input_shape"))
            return;
        var model = config.Training!.Model!;
        var key = "version";
        try
        {
            var network = ZooCatalogue.Find(model.Name, model.Version, model.Alpha);
            key = "input_shape";
            var graph = network.Build(new ModelOptions { Height = model.InputShape[0], Width = model.InputShape[1], Channels = model.InputShape[2], Classes = 2 });
            CheckFrozen(graph, config.Training, root.Get<Settings>("training")!, faults);
        }
        catch (KindlingException e)
        {
            const string prefix = "training.model.";
            var message = e.Message;
            if (message.StartsWith(prefix, StringComparison.Ordinal) && message.IndexOf(": ", StringComparison.Ordinal) is var colon and > 0)
            {
                key = message[prefix.Length..colon];
                message = message[(colon + 2)..];
            }

            faults.Add(new Fault($"{prefix}{key}", section.OriginOf(key), message));
        }
    }

    private static void CheckFrozen(Graph graph, TrainingConfig config, Settings training, List<Fault> faults)
    {
        try
        {
            config.FrozenLayers?.ConstantsOfOthers(graph);
        }
        catch (KindlingException e)
        {
            faults.Add(new Fault("training.frozen_layers", training.OriginOf("frozen_layers"), e.Message));
        }
    }

    /// <summary>What only the parts themselves know to be impossible.</summary>
    private static void CheckTrainingParts(UserConfig config, List<Fault> faults)
    {
        if (config.Training is not { } training || faults.Any(f => f.KeyPath.StartsWith("training.", StringComparison.Ordinal)))
            return;
        foreach (var callback in training.Callbacks)
        {
            try
            {
                TrainingFactory.Schedule(training with { Callbacks = [callback] });
            }
            catch (KindlingException e)
            {
                var colon = e.Message.IndexOf(": ", StringComparison.Ordinal);
                faults.Add(new Fault($"training.callbacks.{callback.Name}", callback.Origin, e.Message[(colon < 0 ? 0 : colon + 2)..]));
            }
        }
    }

    /// <summary>Files that a training begins with or learns from.</summary>
    private static void CheckStart(UserConfig config, Settings root, List<Fault> faults)
    {
        if (!config.Runs(Steps.Train) || root.Get<Settings>("training") is not { } training)
            return;
        var model = training.Get<Settings>("model");
        if (model is not null && config.General.ModelPath is not null)
        {
            faults.Add(new Fault(
                "general.model_path", root.Get<Settings>("general")!.OriginOf("model_path"),
                "a training begins with this file or with training.model, not with both: remove one (~training.model), or name the file as training.model.pretrained_model_path"));
        }

        if (model is not null && model.Has("pretrained_weights") && model.Has("pretrained_model_path"))
            faults.Add(new Fault("training.model.pretrained_weights", model.OriginOf("pretrained_weights"), "a training begins with these weights or with pretrained_model_path, not with both"));
        if (model?.Get<string>("pretrained_model_path") is { } donor && !WeightSet.Extensions.Contains(Path.GetExtension(donor), StringComparer.OrdinalIgnoreCase))
            faults.Add(new Fault("training.model.pretrained_model_path", model.OriginOf("pretrained_model_path"), $"'{donor}' is not a file of weights; allowed: {string.Join(", ", WeightSet.Extensions)}"));
        if (config.Training?.Model is { PretrainedWeights: not null } network && ZooCatalogue.Families.Any(f => f.Name == network.Name))
            CheckPretrained(network, model!, faults);
        var distillation = training.Get<Settings>("distillation");
        CheckFile(model?.Get<string>("pretrained_model_path"), model, "pretrained_model_path", "training.model");
        foreach (var teacher in distillation?.Get<List<string>>("teacher") ?? [])
            CheckFile(teacher, distillation, "teacher", "training.distillation");

        void CheckFile(string? file, Settings? section, string key, string path)
        {
            if (file is not null && !File.Exists(file))
                faults.Add(new Fault($"{path}.{key}", section!.OriginOf(key), $"nothing is at '{file}'"));
        }
    }

    private static void CheckPretrained(ModelConfig network, Settings model, List<Fault> faults)
    {
        try
        {
            PretrainedWeights.Find(ZooCatalogue.Find(network.Name, network.Version, network.Alpha), network.InputShape[0]);
        }
        catch (KindlingException e) when (!faults.Any(f => f.KeyPath.StartsWith("training.model", StringComparison.Ordinal)))
        {
            faults.Add(new Fault("training.model.pretrained_weights", model.OriginOf("pretrained_weights"), e.Message));
        }
        catch (KindlingException)
        {
            // That there is no such network has been said.
        }
    }
}
