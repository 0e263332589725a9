using Kindling.Data;
using Kindling.Execution;
using Kindling.Formats.Keras;
using Kindling.Formats.Tflite;
using Kindling.Graphs;

namespace Kindling.Tests.Weights;

/// <summary>Keras' whole models open as graphs and classify photos as their cards and ST's own conversions say.</summary>
public sealed class KerasReaderTests
{
    [Theory]
    [InlineData("mobilenet_v1_0.25_96_flowers", "imagenet-tf", 219_829, 82.29)]
    [InlineData("mobilenet_v1_0.25_96_grayscale_flowers", "gray-tf", 219_685, 73.89)]
    public void Small_published_models_reach_their_cards_accuracy_on_the_734_validation_photos(string name, string preprocessing, long parameters, double published)
    {
        var graph = KerasReader.Read(SharedData.Require($"models/st/{name}_float.h5"), out var mapping);
        Assert.Equal(parameters, graph.ParameterCount);
        Assert.Equal(parameters, mapping.ParameterCount);

        var (predicted, labels) = Classify(graph, PreprocessingPreset.Find(preprocessing), 133, 734);

        // The archive's photos are smaller copies of those the cards were measured on.
        Assert.InRange(100.0 * predicted.Zip(labels).Count(p => p.First == p.Second) / 734, published - 2, published + 2);
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_224_flowers", "imagenet-tf", 219_829)]
    [InlineData("mobilenet_v1_0.5_224_flowers", "imagenet-tf", 832_101)]
    [InlineData("st_efficientnet_lc_v1_128_flowers", "unit", 516_153)]
    [InlineData("st_efficientnet_lc_v1_224_flowers", "unit", 516_153)]
    public void Large_published_models_classify_photos_as_their_published_int8_conversions_do(string name, string preprocessing, long parameters)
    {
        const int Photos = 48;
        var graph = KerasReader.Read(SharedData.Require($"models/st/{name}_float.h5"), out var mapping);
        Assert.Equal(parameters, graph.ParameterCount);
        Assert.Equal(parameters, mapping.ParameterCount);
        var preset = PreprocessingPreset.Find(preprocessing);

        var (real, _) = Classify(graph, preset, 127, Photos);
        var (int8, _) = Classify(TfliteReader.Read(SharedData.Require($"models/st/{name}_int8.tflite")), preset, 127, Photos);

        Assert.InRange(real.Zip(int8).Count(p => p.First == p.Second), Photos - 6, Photos);
    }

    [Fact]
    public void A_file_of_weights_alone_and_a_file_of_something_else_are_refused()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".h5");
        File.WriteAllText(path, "no HDF5 at all");
        try
        {
            Assert.Equal($"{path} is not an HDF5 file", Assert.Throws<ModelFormatException>(() => KerasReader.Read(path)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("""{"class_name":"Functional","config":{"name":"a","layers":[{"class_name":"InputLayer","config":{"name":"i","batch_input_shape":[null,8,8,3]}},{"class_name":"LSTM","config":{"name":"l"},"inbound_nodes":[[["i",0,0,{}]]]}]}}""", "layer l (LSTM) is not supported")]
    [InlineData("""{"class_name":"Functional","config":{"name":"a","layers":[{"class_name":"InputLayer","config":{"name":"i","batch_input_shape":[null,8,8,3]}},{"class_name":"Conv2D","config":{"name":"c","filters":100000000,"kernel_size":[9,9],"strides":[1,1],"padding":"same","use_bias":false,"dilation_rate":[1,1],"activation":"linear"},"inbound_nodes":[[["i",0,0,{}]]]}]}}""", "more weights than the file holds")]
    [InlineData("""{"class_name":"Functional","config":{"name":"a","layers":[{"class_name":"InputLayer","config":{"name":"i","batch_input_shape":[null,null,8,3]}}]}}""", "save the model with a fixed size")]
    [InlineData("""{"class_name":"Functional","config":{"name":"a","layers":[{"class_name":"ReLU","config":{"name":"r"},"inbound_nodes":[[["i",0,0,{}]]]}]}}""", "which does not come before it")]
    [InlineData("""{"class_name":"Functional","config":{}}""", "makes no valid network")]
    [InlineData("[", "is not JSON")]
    public void Networks_that_cannot_be_rebuilt_are_named(string configuration, string fault) =>
        Assert.Contains(fault, Assert.Throws<ModelFormatException>(() => KerasReader.Build(configuration, 1000, "x.h5")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_sequential_model_is_rebuilt()
    {
        var graph = KerasReader.Build(
            """{"class_name":"Sequential","config":{"name":"s","layers":[{"class_name":"Conv2D","config":{"name":"c","batch_input_shape":[null,8,8,1],"filters":4,"kernel_size":[3,3],"strides":[2,2],"padding":"valid","use_bias":true,"dilation_rate":[1,1],"activation":"relu"}},{"class_name":"MaxPooling2D","config":{"name":"p","pool_size":[3,3],"strides":[1,1],"padding":"valid"}},{"class_name":"Flatten","config":{"name":"f"}},{"class_name":"Dense","config":{"name":"d","units":2,"activation":"softmax","use_bias":true}}]}}""",
            1000, "x.h5");

        Assert.Equal(["CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"], graph.Nodes.Select(n => n.Operator.Kind));
        Assert.Equal([1, 2], graph.Outputs[0].Shape);
    }

    private static (int[] Predicted, int[] Labels) Classify(Graph graph, PreprocessingPreset preset, long seed, int count)
    {
        var shape = graph.Inputs[0].Shape;
        var preprocessing = preset.For(shape.Height, shape.Width) with { Interpolation = Interpolation.Nearest };
        using var flowers = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));
        var cache = DecodedImageCache.Load(Split.TrainValidation(flowers, 0.2, seed).Validation.Subset([.. Enumerable.Range(0, count)]), preprocessing, threads: 1);
        using var classifier = new ImageClassifier(graph, preprocessing, batch: 16, threads: 1);
        var scores = new float[classifier.Classes];
        var predicted = Enumerable.Range(0, cache.Count).Select(i =>
        {
            classifier.Classify(cache.Pixels(i), scores);
            return Array.IndexOf(scores, scores.Max());
        }).ToArray();
        return (predicted, cache.Labels.ToArray());
    }
}
