using Kindling.Cli.Configuration.Schema;
using Kindling.Cli.Pipeline;
using Kindling.Graphs;
using Kindling.Quantization.Estimators;
using Kindling.Tensors;
using Kindling.Training;
using Kindling.Training.Mixing;

namespace Kindling.Cli.Configuration;

/// <summary>Turns checked values into a <see cref="UserConfig"/> and checks what one key alone cannot say.</summary>
internal static class ConfigurationBinder
{
    private static readonly Settings Nothing = new(new Dictionary<string, object?>(), new Dictionary<string, Origin>(), Origin.WholeFile, []);

    /// <summary>Binds the values; null when faults keep it from being used.</summary>
    public static UserConfig? Bind(string file, Settings root, List<Fault> faults)
    {
        var general = Section(root, "general", GeneralSections.General);
        var dataset = Section(root, "dataset", GeneralSections.Dataset);
        var quantization = Section(root, "quantization", GeneralSections.Quantization);
        var mode = root.Get<string>("operation_mode") ?? "";
        var steps = StepsOf(mode, root.Has("deployment"));
        var config = new UserConfig(file, mode, steps)
        {
            General = BindGeneral(general),
            Dataset = BindDataset(dataset),
            Preprocessing = BindPreprocessing(root.Get<Settings>("preprocessing")),
            Augmentation = AugmentationSection.Read(root.Get<List<NamedSettings>>("data_augmentation") ?? [], faults),
            Training = BindTraining(root.Get<Settings>("training"), faults),
            Quantization = BindQuantization(quantization),
            PredictionPath = root.Get<Settings>("prediction")?.Get<string>("test_images_path"),
            Board = root.Get<Settings>("deployment")?.Get<Settings>("hardware_setup")?.Get<string>("board")
                ?? root.Get<Settings>("benchmarking")?.Get<string>("board") ?? "STM32H747I-DISCO",
            Notes = root.Ignored.Count > 0 ? [$"accepted, without effect: {string.Join(", ", root.Ignored)}"] : [],
        };
        ConfigurationRules.Check(config, root, faults);
        return config;
    }

    /// <summary>What a mode runs.</summary>
    internal static Steps StepsOf(string mode, bool hasDeployment) => mode switch
    {
        "training" => Steps.Train | Steps.Evaluate,
        "evaluation" => Steps.Evaluate,
        "quantization" => Steps.Quantize,
        "prediction" => Steps.Predict,
        "benchmarking" => Steps.Benchmark,
        "deployment" => Steps.Deploy,
        "chain_tqe" => Steps.Train | Steps.Quantize | Steps.Evaluate,
        "chain_tqeb" or "chain_tbqeb" => Steps.Train | Steps.Quantize | Steps.Evaluate | Steps.Benchmark | (hasDeployment ? Steps.Deploy : Steps.None),
        "chain_tqebd" => Steps.Train | Steps.Quantize | Steps.Evaluate | Steps.Benchmark | Steps.Deploy,
        "chain_eqe" => Steps.Quantize | Steps.Evaluate,
        "chain_qb" => Steps.Quantize | Steps.Benchmark,
        "chain_eqeb" => Steps.Quantize | Steps.Evaluate | Steps.Benchmark,
        "chain_qd" => Steps.Quantize | Steps.Deploy,
        _ => Steps.None,
    };

    /// <summary>A section, or its defaults when the file has none.</summary>
    private static Settings Section(Settings root, string name, SectionSchema schema) =>
        root.Get<Settings>(name) ?? SectionReader.Read(schema, new ConfigMap([], Origin.WholeFile), name, []);

    private static GeneralConfig BindGeneral(Settings s) => new(
        s.Get<string>("project_name") ?? "", s.Get<string>("model_path"), s.Get<string>("logs_dir") ?? "", s.Get<string>("saved_models_dir") ?? "",
        s.Get<int>("global_seed"), s.Get<int>("num_threads"));

    private static DatasetConfig BindDataset(Settings s) => new(
        s.Get<string>("name") ?? "", s.Get<List<string>>("class_names"), s.Get<string>("training_path"), s.Get<string>("validation_path"),
        s.Number("validation_split") ?? 0.2, s.Get<string>("test_path"), s.Get<string>("quantization_path"), s.Number("quantization_split"),
        s.Get<bool>("check_image_files"), s.Get<int>("seed"), s.Get<int>("synthetic_images"));

    private static QuantizationConfig BindQuantization(Settings s) => new(
        new QuantizationMethod
        {
            Name = s.Get<string>("method") ?? QuantizationMethod.Adaptive,
            Percentile = s.Number("percentile") ?? PercentileEstimator.DefaultPercentile,
            PerTensor = s.Get<string>("granularity") == "per_tensor",
            Equalize = s.Get<bool>("equalize"),
            BiasCorrection = s.Get<bool>("bias_correction"),
            AdaptiveRounding = s.Get<bool>("adaround"),
            FineTuningEpochs = s.Get<int>("qat_epochs"),
            InputType = QuantizationMethod.TypeOf(s.Get<string>("quantization_input_type") ?? "uint8"),
            OutputType = QuantizationMethod.TypeOf(s.Get<string>("quantization_output_type") ?? "float"),
        },
        s.Number("max_accuracy_drop"));

    private static PreprocessingConfig? BindPreprocessing(Settings? s)
    {
        if (s is null)
            return null;
        var rescaling = s.Get<Settings>("rescaling") ?? Nothing;
        var resizing = s.Get<Settings>("resizing") ?? Nothing;
        return new PreprocessingConfig(
            (float)(rescaling.Number("scale") ?? 1), (float)(rescaling.Number("offset") ?? 0),
            Word<Interpolation>(resizing.Get<string>("interpolation")), Word<AspectRatio>(resizing.Get<string>("aspect_ratio")),
            Word<ColorMode>(s.Get<string>("color_mode")),
            s.Get<string>("standardization") == "per_image" ? Standardization.PerImage : Standardization.None);
    }

    private static TrainingConfig? BindTraining(Settings? s, List<Fault> faults)
    {
        if (s is null)
            return null;
        var callbacks = s.Get<List<NamedSettings>>("callbacks") ?? [];
        foreach (var extra in callbacks.Where(c => ScheduleSections.All.ContainsKey(c.Name)).Skip(1))
            faults.Add(new Fault($"training.callbacks.{extra.Name}", extra.Origin, "a second learning-rate schedule; at most one is allowed"));
        var optimizer = s.Get<List<NamedSettings>>("optimizer")?.FirstOrDefault();
        return new TrainingConfig(
            BindModel(s.Get<Settings>("model")), (float?)s.Number("dropout"), s.Get<int>("batch_size"), s.Get<int>("epochs"),
            optimizer ?? new NamedSettings("", Nothing, s.Origin), (float)(s.Number("label_smoothing") ?? 0), callbacks,
            s.Get<string>("resume_training_from"), s.Get<string>("trained_model_path"))
        {
            FrozenLayers = BindFrozen(s, faults),
            DropConnect = Float(s, "drop_connect"),
            ClassWeights = s.Get<ClassWeightsConfig>("class_weights"),
            Mixup = s.Get<Settings>("mixup") is { } mixup ? new Mixup(Float(mixup, "alpha"), Float(mixup, "change_rate")) : null,
            CutMix = s.Get<Settings>("cutmix") is { } cutMix ? new CutMix(Float(cutMix, "alpha"), Float(cutMix, "change_rate")) : null,
            AverageDecay = (float?)s.Get<Settings>("ema")?.Number("decay"),
            Distillation = s.Get<Settings>("distillation") is { } d ? new DistillationConfig(d.Get<List<string>>("teacher") ?? [], Float(d, "temperature"), Float(d, "weight"), Float(d, "feature_weight")) : null,
        };
    }

    private static ModelConfig? BindModel(Settings? model)
    {
        if (model is null)
            return null;
        var shape = model.Get<List<int>>("input_shape") ?? [1, 1, 3];
        return new ModelConfig(model.Get<string>("name") ?? "", model.Get<string>("version"), model.Number("alpha"), new Shape(shape[0], shape[1], shape[2]))
        {
            PretrainedWeights = model.Get<string>("pretrained_weights"),
            PretrainedModelPath = model.Get<string>("pretrained_model_path"),
            FitsPretrained = model.Get<bool>("pretrained_fit"),
        };
    }

    private static float Float(Settings section, string key) => (float)(section.Number(key) ?? 0);

    private static LayerSelection? BindFrozen(Settings training, List<Fault> faults)
    {
        if (training.Get<string>("frozen_layers") is not { } text)
            return null;
        try
        {
            return LayerSelection.Parse(text);
        }
        catch (KindlingException e)
        {
            faults.Add(new Fault("training.frozen_layers", training.OriginOf("frozen_layers"), e.Message));
            return null;
        }
    }

    private static T Word<T>(string? word)
        where T : struct, Enum => Enum.TryParse<T>(word, ignoreCase: true, out var value) ? value : default;
}
