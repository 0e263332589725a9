using Kindling.Execution;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Zoo;

namespace Kindling.Tests.Weights;

/// <summary>Published ImageNet weights start networks of other sizes, inputs and classes.</summary>
public sealed class DonorTests
{
    private const string MobileNet = "models/st/mobilenet_v1_0.25_224_imagenet_float.h5";

    [Theory]
    [InlineData(224, 3)]
    [InlineData(96, 3)]
    [InlineData(128, 1)]
    public void Keras_weights_fill_the_backbone_of_MobileNet_at_any_resolution_and_leave_the_classifier(int size, int channels)
    {
        var weights = WeightSet.Load(SharedData.Require(MobileNet));
        var graph = MobileNetV1.Build(0.25, Options(size, channels));
        var head = Weights(graph, "dense").ToArray();

        var mapping = weights.ApplyTo(graph, WeightMappingOptions.Donor);

        Assert.Equal(475_544, weights.ParameterCount);
        Assert.Equal(218_544 - (3 - channels) * 72, mapping.ParameterCount);
        Assert.Equal(54, mapping.MappedCount);
        Assert.Equal("classifier, kept as it is", Assert.Single(mapping.Layers, l => !l.IsMapped).Note);
        Assert.Equal(head, Weights(graph, "dense").ToArray());
    }

    [Fact]
    public void A_gray_network_answers_to_gray_photos_what_the_colour_network_answers()
    {
        var weights = WeightSet.Load(SharedData.Require(MobileNet));
        var colour = MobileNetV1.Build(0.25, Options(32, 3));
        var gray = MobileNetV1.Build(0.25, Options(32, 1));
        weights.ApplyTo(colour, WeightMappingOptions.Donor);
        weights.ApplyTo(gray, WeightMappingOptions.Donor);
        var pixels = new byte[32 * 32];
        new Random(1).NextBytes(pixels);

        var expected = Scores(colour, [.. pixels.SelectMany(p => new[] { p, p, p })], PreprocessingPreset.Find("imagenet-tf"));
        var actual = Scores(gray, pixels, PreprocessingPreset.Find("gray-tf"));

        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-4f));
    }

    [Theory]
    [InlineData("imagenet/compressed_SqueezeNet.net")]
    [InlineData("imagenet/squeezenet1.0_deepcompression_fp32.safetensors")]
    public void Deep_Compression_weights_fill_the_layers_of_SqueezeNet_11_that_have_the_same_shapes(string file)
    {
        var graph = SqueezeNet.V11(Options(128, 3));

        var mapping = WeightSet.Load(SharedData.Require(file)).ApplyTo(graph, WeightMappingOptions.Donor);

        Assert.Equal(
            ["conv1: [96, 7, 7, 3] in the file, [64, 3, 3, 3] in squeezenet_v1.1", "fire2/squeeze1x1: [16, 1, 1, 96] in the file, [16, 1, 1, 64] in squeezenet_v1.1", "conv10: classifier, kept as it is"],
            mapping.Layers.Where(l => !l.IsMapped).Select(l => $"{l.Layer}: {l.Note}"));
        Assert.Equal(23, mapping.MappedCount);
    }

    [Fact]
    public void The_Deep_Compression_file_decodes_to_the_published_tensors()
    {
        var decoded = WeightSet.Load(SharedData.Require("imagenet/compressed_SqueezeNet.net"));
        var published = WeightSet.Load(SharedData.Require("imagenet/squeezenet1.0_deepcompression_fp32.safetensors"));

        Assert.Equal(1_248_424, decoded.ParameterCount);
        Assert.Equal(26, decoded.Layers.Count);
        Assert.All(decoded.Layers, layer =>
        {
            var other = Assert.Single(published.Layers, l => l.Name == layer.Name);
            foreach (var role in new[] { WeightRole.Weights, WeightRole.Bias })
            {
                Assert.Equal(other.Find(role)!.Data.Shape, layer.Find(role)!.Data.Shape);
                Assert.True(other.Find(role)!.Data.Bytes.SequenceEqual(layer.Find(role)!.Data.Bytes), $"{layer.Name} {role}");
            }
        });
    }

    [Fact]
    public void A_first_convolution_trained_on_other_pixels_is_rescaled()
    {
        var caffe = Network(PreprocessingPreset.ImageNetCaffe);
        var own = Network(PreprocessingPreset.Find("imagenet-torch"));
        var pixels = new byte[16 * 16 * 3];
        new Random(2).NextBytes(pixels);
        var reversed = pixels.Chunk(3).SelectMany(p => p.Reverse()).ToArray();

        WeightSet.From(caffe, "caffe").ApplyTo(own, WeightMappingOptions.Donor);
        WeightSet.From(caffe, "caffe").ApplyTo(Network(null), WeightMappingOptions.Strict);

        Assert.All(Scores(caffe, reversed, null).Zip(Scores(own, pixels, null)), p => Assert.Equal(p.First, p.Second, 1e-3f));

        static Graph Network(PreprocessingPreset? preset)
        {
            var b = new GraphBuilder("small", 5);
            var x = b.Conv2D(b.Input("input", 1, 16, 16, 3), 8, 3, 2, BorderMode.Valid, activation: Activation.Relu, name: "conv1");
            x = b.GlobalAveragePool(b.Conv2D(x, 8, 1, name: "conv2"));
            // Drawn from the layer's name, and so alike in all networks of this test: the classifier is not copied.
            return b.Build(new ModelMetadata(preset?.For(16, 16), []), b.Dense(x, 4, name: "classifier"));
        }
    }

    [Fact]
    public void Weights_of_another_network_are_refused_with_both_shapes()
    {
        var weights = WeightSet.Load(SharedData.Require(MobileNet));

        var half = Assert.Throws<ModelFormatException>(() => weights.ApplyTo(MobileNetV1.Build(0.5, Options(96, 3)), WeightMappingOptions.Donor));
        Assert.Contains("conv1: [8, 3, 3, 3] in the file, [16, 3, 3, 3] in mobilenet_v1_0.5", half.Message, StringComparison.Ordinal);

        var graph = MobileNetV1.Build(0.25, Options(96, 3));
        var before = Weights(graph, "conv1").ToArray();
        var classes = Assert.Throws<ModelFormatException>(() => weights.ApplyTo(graph, WeightMappingOptions.Strict));
        Assert.Contains("dense: [1000, 256] in the file, [5, 256] in mobilenet_v1_0.25", classes.Message, StringComparison.Ordinal);
        Assert.Equal(before, Weights(graph, "conv1").ToArray());
    }

    [Fact]
    public void A_wider_network_answers_what_its_donor_answers()
    {
        var weights = WeightSet.Load(SharedData.Require(MobileNet));
        var narrow = MobileNetV1.Build(0.25, Options(64, 3));
        var wide = MobileNetV1.Build(0.5, Options(64, 3));
        weights.ApplyTo(narrow, WeightMappingOptions.Donor);

        var mapping = weights.ApplyTo(wide, WeightMappingOptions.Adapted with { Seed = 3 });

        Assert.Equal(54, mapping.MappedCount);
        var few = Weights(narrow, "dense");
        var many = Weights(wide, "dense");
        for (var i = 0; i < many.Length; i++)
            many[i] = few[(i / 512 * 256) + (i % 256)] / 2;
        var pixels = new byte[64 * 64 * 3];
        new Random(3).NextBytes(pixels);
        var preset = PreprocessingPreset.Find("imagenet-tf");
        Assert.All(Scores(narrow, pixels, preset).Zip(Scores(wide, pixels, preset)), p => Assert.Equal(p.First, p.Second, 1e-4f));
    }

    [Fact]
    public void Copies_of_a_channel_are_read_with_unequal_shares()
    {
        var wide = MobileNetV1.Build(0.5, Options(64, 3));

        WeightSet.Load(SharedData.Require(MobileNet)).ApplyTo(wide, WeightMappingOptions.Adapted with { Seed = 3 });

        var kernel = Weights(wide, "conv_pw_1").ToArray();
        Assert.Contains(Enumerable.Range(0, 8), i => Math.Abs(kernel[i] - kernel[i + 8]) > 0.1f * Math.Abs(kernel[i]));
    }

    [Fact]
    public void SqueezeNet_11_takes_every_layer_of_10_when_widths_and_kernels_may_be_fitted()
    {
        var graph = SqueezeNet.V11(Options(128, 3) with { Metadata = new ModelMetadata(PreprocessingPreset.Find("imagenet-tf").For(128, 128), []) });

        var mapping = WeightSet.Load(SharedData.Require("imagenet/compressed_SqueezeNet.net")).ApplyTo(graph, WeightMappingOptions.Adapted);

        Assert.Equal("conv10: classifier, kept as it is", string.Join("; ", mapping.Layers.Where(l => !l.IsMapped).Select(l => $"{l.Layer}: {l.Note}")));
        Assert.Contains("fitted from [96, 7, 7, 3]", mapping.Layers[0].Note, StringComparison.Ordinal);
        Assert.Equal("fitted from [16, 1, 1, 96]", mapping.Layers[1].Note);
    }

    [Fact]
    public void Weights_of_all_classes_fit_strictly()
    {
        var graph = MobileNetV1.Build(0.25, new ModelOptions { Height = 224, Width = 224, Classes = 1000 });

        var mapping = WeightSet.Load(SharedData.Require(MobileNet)).ApplyTo(graph, WeightMappingOptions.Strict);

        Assert.Equal(475_544, mapping.ParameterCount);
        Assert.All(mapping.Layers, l => Assert.True(l.IsMapped));
        Assert.Equal("conv_preds", mapping.Layers.Single(l => l.Layer == "dense").Source);
    }

    private static ModelOptions Options(int size, int channels) => new() { Height = size, Width = size, Channels = channels, Classes = 5 };

    private static Span<float> Weights(Graph graph, string layer) => graph.Nodes.Single(n => n.Name == layer).Inputs[1].Constant!.AsSpan<float>();

    private static float[] Scores(Graph graph, byte[] pixels, PreprocessingPreset? preset)
    {
        var shape = graph.Inputs[0].Shape;
        using var classifier = new ImageClassifier(graph, preset?.For(shape.Height, shape.Width), threads: 1);
        var scores = new float[classifier.Classes];
        classifier.Classify(pixels, scores);
        return scores;
    }
}
