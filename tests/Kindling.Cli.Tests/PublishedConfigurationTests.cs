using Kindling.Cli.Configuration;
using Kindling.Cli.Pipeline;
using Kindling.Data.Augmentation;
using Kindling.Graphs;
using Kindling.Tests;
using Kindling.Training.Schedules;

namespace Kindling.Cli.Tests;

/// <summary>The configurations that ST published with its models, of both generations, run as they are but for where the photos lie.</summary>
public sealed class PublishedConfigurationTests
{
    private const string Z23 = """
        general:
          project_name: flowers
        train_parameters:
          batch_size: 64
          training_epochs: 100
          optimizer: adam
          initial_learning: 0.002
          learning_rate_scheduler: cosine
        dataset:
          name: flowers
          class_names: [daisy, roses]
          training_path: .
        pre_processing:
          rescaling: {scale : 127.5, offset : -1}
          resizing: nearest
          aspect_ratio: False
          color_mode: rgb
        data_augmentation:
          RandomBrightness: 0.4
          RandomTranslation: [0.1, 0.2]
          RandomFlip: horizontal_and_vertical
          RandomShear: False
        model:
          model_type: {name : squeezenet, version : v11}
          input_shape: [128, 128, 3]
          transfer_learning : False
          dropout: 0.5
        quantization:
          quantize: True
          evaluate: True
          quantization_input_type: uint8
        stm32ai:
          footprints_on_target: STM32H747I-DISCO
        """;

    public static TheoryData<string> Names
    {
        get
        {
            var folder = SharedData.FindPath("models/st");
            return folder is null ? ["absent_config.yaml"] : [.. Directory.GetFiles(folder, "*_config.yaml").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_published_configuration_is_understood_whole(string name)
    {
        var path = SharedData.Require($"models/st/{name}");

        // No ImageNet weights of MobileNet 0.5 are at hand here; the others start from scratch too, so that all are read alike.
        var yaml = File.ReadAllText(path).Replace("transfer_learning: true", "transfer_learning: false", StringComparison.Ordinal);
        var config = new ConfigurationLoader().Load(name, yaml, ["dataset.training_path=."]);

        Assert.Equal(Steps.Train | Steps.Quantize | Steps.Evaluate, config.Steps & (Steps.Train | Steps.Quantize | Steps.Evaluate));
        Assert.True(config.Training!.Epochs >= 500);
        Assert.Equal(name.Contains("efficientnet", StringComparison.Ordinal) ? 127 : 133, config.Dataset.Seed);
        Assert.Contains(config.Training.Callbacks, c => c.Name == "ReduceLROnPlateau");
        Assert.Contains(config.Training.Callbacks, c => c.Name == "EarlyStopping");
        Assert.True(config.Augmentation.Count >= 6);
        var scale = config.Preprocessing!.Scale * 255;
        Assert.True(MathF.Abs(scale - 1) < 1e-6f || MathF.Abs(scale - 2) < 1e-6f, $"pixels are scaled by {config.Preprocessing.Scale}");
        Assert.NotNull(new AugmentationPipeline(config.Augmentation, config.Preprocessing.For(config.Training.Model!.InputShape[0], config.Training.Model.InputShape[1])));
    }

    [Fact]
    public void A_configuration_of_2023_says_what_it_meant_in_the_schema_of_2024()
    {
        var config = Load(Z23);

        Assert.Equal("chain_tqeb", config.Mode);
        Assert.Equal("STM32H747I-DISCO", config.Board);
        Assert.Equal((42, 133, 0.2), (config.General.Seed, config.Dataset.Seed, config.Dataset.ValidationSplit));
        Assert.Equal((1 / 127.5f, -1f), (config.Preprocessing!.Scale, config.Preprocessing.Offset));
        Assert.Equal((Interpolation.Nearest, AspectRatio.Fit), (config.Preprocessing.Interpolation, config.Preprocessing.AspectRatio));
        Assert.Equal(["random_flip", "random_translation", "random_brightness"], config.Augmentation.Select(a => a.Function));
        var training = config.Training!;
        Assert.Equal((64, 100, 0.5f), (training.BatchSize, training.Epochs, training.Dropout!.Value));
        Assert.Equal(("Adam", 0.002), (training.Optimizer.Name, training.Optimizer.Arguments.Number("learning_rate")!.Value));
        var schedule = Assert.IsType<LRCosineDecay>(TrainingFactory.Schedule(training));
        Assert.Equal(0.002f, schedule.At(10));
        Assert.Equal(0.001f, schedule.At(55), 1e-6f);
        Assert.Equal(30, Assert.Single(training.Callbacks, c => c.Name == "EarlyStopping").Arguments.Get<int>("patience"));
        Assert.Contains("schema of 2023", config.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Transfer_learning_of_2023_starts_from_ImageNet_and_trains_the_classifier_only()
    {
        using var folder = new TemporaryFolder();
        var donor = folder["donor.safetensors"];
        Directory.CreateDirectory(Path.GetDirectoryName(donor)!);
        File.WriteAllBytes(donor, []);

        var config = Load(Z23, "model.transfer_learning=True", $"training.model.pretrained_model_path={donor}");

        Assert.Equal(donor, config.Training!.Model!.PretrainedModelPath);
        Assert.NotNull(config.Training.FrozenLayers);
        var fault = Assert.Single(Faults("model.transfer_learning=True"));
        Assert.Equal("model.transfer_learning", fault.KeyPath);
        Assert.Contains("no ImageNet weights for", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train_parameters.batch_size=[1, 2]", "train_parameters.batch_size", "a list of 2")]
    [InlineData("train_parameters.batchsize=3", "train_parameters.batchsize", "did you mean batch_size?")]
    [InlineData("~train_parameters.training_epochs", "train_parameters.training_epochs", "missing")]
    [InlineData("train_parameters.optimizer=adamm", "train_parameters.optimizer", "did you mean Adam?")]
    [InlineData("train_parameters.initial_learning=fast", "train_parameters.initial_learning", "'fast' is not a number")]
    [InlineData("train_parameters.learning_rate_scheduler=cosin", "train_parameters.learning_rate_scheduler", "did you mean cosine?")]
    [InlineData("pre_processing.rescaling.scale=much", "pre_processing.rescaling.scale", "'much' is not a number")]
    [InlineData("pre_processing.resizing=neerest", "pre_processing.resizing", "did you mean nearest?")]
    [InlineData("pre_processing.color_mode=grayscale", "model.input_shape", "do not fit pre_processing.color_mode")]
    [InlineData("model.model_type.version=v9", "model.model_type.version", "v11")]
    [InlineData("model.input_shape=[8, 8, 3]", "model.input_shape", "window")]
    [InlineData("data_augmentation.RandomFlop=horizontal", "data_augmentation.RandomFlop", "did you mean RandomFlip?")]
    [InlineData("data_augmentation.RandomFlip=sideways", "data_augmentation.RandomFlip", "horizontal")]
    [InlineData("dataset.training_path=/nowhere", "dataset.training_path", "nothing is at")]
    public void A_fault_names_the_users_own_key(string argument, string key, string message)
    {
        var fault = Assert.Single(Faults(argument));

        Assert.Equal(key, fault.KeyPath.StartsWith(key, StringComparison.Ordinal) ? key : fault.KeyPath);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fault_names_the_users_own_line()
    {
        var fault = Assert.Single(Assert.Throws<ConfigurationException>(() => Load(Z23.Replace("training_epochs: 100", "training_epochs: many", StringComparison.Ordinal))).Faults);

        Assert.Equal(("train_parameters.training_epochs", 5), (fault.KeyPath, fault.Origin.Line));
    }

    [Theory]
    [InlineData("squeezenet_v1.1_128_flowers_config.yaml", "train_parameters.training_epochs=1", "train_parameters.batch_size=16", "model.input_shape=[48, 48, 3]")]
    [InlineData("st_efficientnet_lc_v1_128_flowers_config.yaml", "training.epochs=1", "training.batch_size=16", "training.model.input_shape=(32, 32, 3)")]
    public void A_published_configuration_trains(string name, params string[] smaller)
    {
        var path = SharedData.Require($"models/st/{name}");
        using var folder = new TemporaryFolder();
        var photos = folder["photos"];
        using (var shapes = new Data.SyntheticShapes(60, 3, 40))
        {
            for (var i = 0; i < shapes.Count; i++)
            {
                var file = Path.Combine(photos, $"{shapes.FileName(i)}.png");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file, Data.Images.PngEncoder.Encode(shapes.Load(i)));
            }
        }

        var result = CommandLine.Run(["run", path, $"dataset.training_path={photos}", "~dataset.class_names", "operation_mode=chain_tqe", .. smaller, "--output", folder["out"], "--json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(1, result.Json.GetProperty("training").GetProperty("epochs").GetInt32());
        Assert.True(result.Json.GetProperty("int8").GetProperty("images").GetInt32() > 0);
    }

    private static UserConfig Load(string yaml, params string[] overrides) => new ConfigurationLoader().Load("z23.yaml", yaml, overrides);

    private static IReadOnlyList<Fault> Faults(params string[] overrides) => Assert.Throws<ConfigurationException>(() => Load(Z23, overrides)).Faults;
}
