using Kindling.Cli.Configuration;
using Kindling.Graphs;
using Kindling.Tensors;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

public sealed class ConfigurationTests
{
    private const string Valid = """
        operation_mode: chain_tqe
        general:
          project_name: shapes
        dataset:
          name: synthetic_shapes
        preprocessing:
          rescaling: { scale: 1/127.5, offset: -1 }
          resizing: { interpolation: nearest, aspect_ratio: fit }
          color_mode: rgb
        data_augmentation:
          random_flip:
            mode: horizontal
          random_contrast:
            factor: (0.8, 1.2)
        training:
          model: { name: mobilenet, version: v1, alpha: 0.25, input_shape: "(64, 64, 3)" }
          batch_size: 32
          epochs: 3
          optimizer:
            Adam:
              learning_rate: 0.002
        """;

    [Fact]
    public void A_configuration_becomes_typed_values()
    {
        var config = Load(Valid);

        Assert.Equal(Steps.Train | Steps.Quantize | Steps.Evaluate, config.Steps);
        Assert.Equal(1 / 127.5f, config.Preprocessing!.Scale);
        Assert.Equal(-1, config.Preprocessing.Offset);
        Assert.Equal(Interpolation.Nearest, config.Preprocessing.Interpolation);
        Assert.Equal(new Shape(64, 64, 3), config.Training!.Model!.InputShape);
        Assert.Equal(0.25, config.Training.Model.Alpha);
        Assert.Equal(0.002, config.Training.Optimizer.Arguments.Number("learning_rate"));
        Assert.Equal(["random_flip", "random_contrast"], config.Augmentation.Select(a => a.Function));
    }

    [Fact]
    public void Keys_that_are_absent_take_the_documented_defaults()
    {
        var config = Load(Valid);

        Assert.Equal(123, config.Dataset.Seed);
        Assert.Equal(123, config.General.Seed);
        Assert.Equal(0.2, config.Dataset.ValidationSplit);
        Assert.Equal(Tensors.ElementType.UInt8, config.Quantization.Method.InputType);
        Assert.Equal("adaptive", config.Quantization.Method.Name);
        Assert.Equal(0.9, config.Training!.Optimizer.Arguments.Number("beta_1"));
    }

    [Fact]
    public void A_misspelt_key_is_named_with_its_line_and_the_nearest_key()
    {
        var fault = Assert.Single(Faults(Valid.Replace("batch_size", "batchsize", StringComparison.Ordinal)), f => f.KeyPath == "training.batchsize");

        Assert.Equal(17, fault.Origin.Line);
        Assert.Contains("did you mean batch_size?", fault.Message, StringComparison.Ordinal);
        Assert.Contains("allowed: model, ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_listed_at_once_in_the_order_of_the_file()
    {
        var yaml = Valid
            .Replace("operation_mode: chain_tqe", "operation_mode: chain_tqx", StringComparison.Ordinal)
            .Replace("interpolation: nearest", "interpolation: neerest", StringComparison.Ordinal)
            .Replace("random_flip", "random_flop", StringComparison.Ordinal)
            .Replace("epochs: 3", "epochs: many", StringComparison.Ordinal);

        var faults = Faults(yaml);

        Assert.Equal(
            [("operation_mode", 1), ("preprocessing.resizing.interpolation", 8), ("data_augmentation.random_flop", 11), ("training.epochs", 18)],
            faults.Select(f => (f.KeyPath, f.Origin.Line)));
        Assert.Contains("did you mean chain_tqe?", faults[0].Message, StringComparison.Ordinal);
        Assert.Contains("did you mean nearest?", faults[1].Message, StringComparison.Ordinal);
        Assert.Contains("did you mean random_flip?", faults[2].Message, StringComparison.Ordinal);
        Assert.Contains("'many' is not a whole number from 1 to 1000000", faults[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_section_is_named_with_the_mode_that_needs_it()
    {
        var faults = Faults("operation_mode: training\ndataset: { name: synthetic_shapes }\n");

        Assert.Equal(["preprocessing", "training"], faults.Select(f => f.KeyPath));
        Assert.All(faults, f => Assert.Contains("operation_mode training (train, evaluate) needs it", f.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dataset.validation_split=1.5", "dataset.validation_split", "greater than 0 and less than 1")]
    [InlineData("training.model.input_shape=(64, 64)", "training.model.input_shape", "(height, width, channels)")]
    [InlineData("training.model.input_shape=(64, 64, 1)", "training.model.input_shape", "do not fit preprocessing.color_mode rgb")]
    [InlineData("training.model.version=v7", "training.model.version", "v1")]
    [InlineData("training.optimizer=Adamm", "training.optimizer.Adamm", "did you mean Adam?")]
    [InlineData("training.frozen_layers=(0:x)", "training.frozen_layers", "(0:-1) and (4:8, 16, -1) are")]
    [InlineData("training.frozen_layers=(0:)", "training.frozen_layers", "nothing is left to train")]
    [InlineData("training.frozen_layers=(900)", "training.frozen_layers", "there is no layer 900")]
    [InlineData("training.class_weights=[1, many]", "training.class_weights", "balanced")]
    [InlineData("training.mixup={alpha: 0}", "training.mixup.alpha", "greater than 0")]
    [InlineData("training.distillation.teacher=/nowhere.onnx", "training.distillation.teacher", "nothing is at '/nowhere.onnx'")]
    [InlineData("training.distillation.teacher=[/dev/null, /nowhere.onnx]", "training.distillation.teacher", "nothing is at '/nowhere.onnx'")]
    [InlineData("training.distillation.teacher=[]", "training.distillation.teacher", "a model file, or a list of them")]
    [InlineData("training.distillation.teacher=[[a.onnx]]", "training.distillation.teacher", "a model file, or a list of them")]
    [InlineData("training.model.pretrained_model_path=/nowhere.safetensors", "training.model.pretrained_model_path", "nothing is at")]
    [InlineData("general.model_path=some.safetensors", "general.model_path", "not with both")]
    [InlineData("~training.model", "training.model", "general.model_path")]
    [InlineData("training.callbacks={LRPiecewiseConstantDecay: {boundaries: [3], values: [0.1]}}", "training.callbacks.LRPiecewiseConstantDecay", "1 boundaries need 2 values")]
    [InlineData("training.batch_size=[1, 2]", "training.batch_size", "a list of 2 is not a whole number")]
    [InlineData("dataset.training_path=/nowhere/at/all", "dataset.training_path", "nothing is at '/nowhere/at/all'")]
    [InlineData("data_augmentation.random_flip.mode=sideways", "data_augmentation.random_flip.mode", "horizontal")]
    [InlineData("data_augmentation.random_flip.change_rate=2", "data_augmentation.random_flip.change_rate", "outside 0 to 1")]
    [InlineData("training.epochs.first=1", "training.epochs.first", "is a value, not a section")]
    [InlineData("general.project_name=${KINDLING_UNSET}", "general.project_name", "the environment variable KINDLING_UNSET is not set")]
    [InlineData("training.callbacks={LRCosineDecay: {initial_lr: 0.1}, LRStepDecay: {initial_lr: 0.1, step_size: 3, decay_rate: 0.5}}", "training.callbacks.LRStepDecay", "at most one")]
    public void An_impossible_value_is_a_fault_that_says_what_is_allowed(string argument, string key, string message)
    {
        var fault = Assert.Single(Faults(Valid, argument));

        Assert.Equal(key, fault.KeyPath);
        if (!argument.StartsWith('~'))
            Assert.Equal(argument, fault.Origin.Argument);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_the_input_is_too_small_for_is_refused()
    {
        var fault = Assert.Single(Faults(Valid, "training.model={name: squeezenet, version: v11, input_shape: [8, 8, 3]}"));

        Assert.Equal("training.model.input_shape", fault.KeyPath);
    }

    [Fact]
    public void Arguments_set_add_and_remove_keys()
    {
        var config = Load(Valid, "training.epochs=7", "dataset.seed=127", "~data_augmentation", "training.callbacks={EarlyStopping: {patience: 5}}");

        Assert.Equal(7, config.Training!.Epochs);
        Assert.Equal(127, config.Dataset.Seed);
        Assert.Empty(config.Augmentation);
        Assert.Equal("EarlyStopping", Assert.Single(config.Training.Callbacks).Name);
    }

    [Theory]
    [InlineData("training.epochs")]
    [InlineData("=5")]
    [InlineData("training..epochs=5")]
    [InlineData("~training.nothing")]
    [InlineData("training.callbacks={LRCosineDecay: [}")]
    public void An_argument_that_is_none_is_a_fault(string argument) =>
        Assert.Equal(argument, Assert.Single(Faults(Valid, argument)).Origin.Argument);

    [Fact]
    public void Placeholders_are_replaced_by_variables_and_the_time()
    {
        var loader = new ConfigurationLoader { Variable = name => name == "WHO" ? "me" : null, Now = new DateTime(2026, 3, 4, 5, 6, 7) };

        var config = loader.Load("test.yaml", Valid, ["general.project_name=${WHO}_${now:%Y_%m_%d_%H_%M_%S}"]);

        Assert.Equal("me_2026_03_04_05_06_07", config.General.ProjectName);
    }

    [Fact]
    public void Keys_without_use_are_accepted_and_noted_once()
    {
        var config = Load($"{Valid}\nmlflow:\n  uri: ./runs\nhydra:\n  run: {{ dir: here }}\ntools:\n  stm32ai: {{ version: 8.1.0, on_cloud: True }}\n");

        Assert.Equal("accepted, without effect: mlflow, hydra, tools.stm32ai", Assert.Single(config.Notes));
    }

    [Theory]
    [InlineData("chain_tqeb", false, Steps.Train | Steps.Quantize | Steps.Evaluate | Steps.Benchmark)]
    [InlineData("chain_tqeb", true, Steps.Train | Steps.Quantize | Steps.Evaluate | Steps.Benchmark | Steps.Deploy)]
    [InlineData("chain_tqebd", false, Steps.Train | Steps.Quantize | Steps.Evaluate | Steps.Benchmark | Steps.Deploy)]
    [InlineData("chain_qd", false, Steps.Quantize | Steps.Deploy)]
    public void A_deployment_section_adds_deployment_to_chain_tqeb(string mode, bool hasDeployment, object steps) =>
        Assert.Equal((Steps)steps, ConfigurationBinder.StepsOf(mode, hasDeployment));

    [Theory]
    [InlineData("general: [1, 2")]
    [InlineData("a: 1\na: 2")]
    [InlineData("- just\n- a list")]
    [InlineData("a: &x [*x]")]
    public void A_document_that_is_not_a_configuration_is_one_clear_fault_with_a_line(string yaml) =>
        Assert.True(Faults(yaml)[0].Origin.Line > 0);

    [Fact]
    public void Nesting_without_end_is_a_fault_rather_than_a_crash() =>
        Assert.NotEmpty(Faults($"general: {new string('[', 20_000)}"));

    [Fact]
    public void Modes_that_begin_with_a_model_file_ask_for_it()
    {
        var fault = Assert.Single(Faults("operation_mode: benchmarking\n"));

        Assert.Equal("general.model_path", fault.KeyPath);
        Assert.Contains(".tflite", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flowers_mobilenet_v1_0.25_96.yaml")]
    [InlineData("flowers_squeezenet_v1.1_128.yaml")]
    [InlineData("quickstart.yaml")]
    public void The_examples_are_valid(string name)
    {
        var path = Path.Combine(SharedData.Repository, "examples", name);

        var config = new ConfigurationLoader().LoadFile(path, [$"dataset.training_path={(name.StartsWith("quick", StringComparison.Ordinal) ? "" : SharedData.Repository)}"]);

        Assert.Equal(Steps.Train | Steps.Quantize | Steps.Evaluate | Steps.Benchmark | Steps.Deploy, config.Steps);
    }

    [Fact]
    public void The_notebook_as_an_example_is_valid()
    {
        var config = new ConfigurationLoader().LoadFile(Path.Combine(SharedData.Repository, "examples", "fashion_mnist.yaml"), [$"dataset.training_path={SharedData.Repository}"]);

        Assert.Equal(Standardization.PerImage, config.Preprocessing!.Standardization);
        Assert.Equal((64, 2, "Adam"), (config.Training!.BatchSize, config.Training.Epochs, config.Training.Optimizer.Name));
    }

    [Fact]
    public void The_resolved_configuration_reads_back_the_same()
    {
        var config = Load(Valid, "general.project_name=it's: #1", "training.epochs=7");
        var again = Load(config.Resolved);

        Assert.Equal("it's: #1", again.General.ProjectName);
        Assert.Equal(7, again.Training!.Epochs);
        Assert.Equal(config.Resolved, again.Resolved);
    }

    internal static UserConfig Load(string yaml, params string[] overrides) => new ConfigurationLoader().Load("test.yaml", yaml, overrides);

    private static IReadOnlyList<Fault> Faults(string yaml, params string[] overrides) =>
        Assert.Throws<ConfigurationException>(() => Load(yaml, overrides)).Faults;
}
