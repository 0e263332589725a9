using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Execution;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Graphs.Passes;
using Kindling.Tensors;
using Kindling.Tests;

namespace Kindling.Quantization.Tests;

/// <summary>
/// The published int8 networks, turned back into the float networks they stand for and quantized again here on training photos: TFLite's
/// converter and this quantizer must come to the same.
/// </summary>
public class PublishedModelTests
{
    private const int CalibrationPhotos = 256;
    private const int ValidationPhotos = 64;

    public static TheoryData<string, int> Models => new()
    {
        { "mobilenet_v1_0.25_96_flowers_int8.tflite", 96 },
        { "squeezenet_v1.1_128_flowers_int8.tflite", 128 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Quantized_again_a_published_network_has_its_weights_its_scales_and_its_answers(string file, int side)
    {
        var published = TfliteReader.Read(SharedData.Require($"models/st/{file}"));
        var preprocessing = new Preprocessing(side, side, ColorMode.Rgb, [1 / 127.5f], [-1], Interpolation.Nearest);
        var floats = FloatTwin.Of(published).With(new ModelMetadata(preprocessing, []));
        using var flowers = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));
        var split = Split.TrainValidation(flowers, 0.2, seed: 133);
        var calibration = Load(split.Training, CalibrationPhotos, preprocessing);
        var ours = PostTrainingQuantizer.Quantize(
            floats, Batches(calibration, preprocessing), cancellation: TestContext.Current.CancellationToken).Graph;
        Specification.Check(ours);

        var theirs = published.Constants.Where(c => c.Type == ElementType.Int8).ToDictionary(c => c.Name);
        var weights = ours.Constants.Where(c => c.Type == ElementType.Int8).ToList();
        Assert.Equal(theirs.Count, weights.Count);
        Assert.All(weights, w => Assert.Equal(theirs[w.Name].Constant!.Bytes.ToArray(), w.Constant!.Bytes.ToArray()));

        // They calibrated on all 2 936 training photos, which gives ratios of 0.887 to 1.027, for MobileNet 1.000 in 27 of 30 layers. Fewer photos
        // see a smaller range, in layers with rare peaks a much smaller one.
        var scales = published.Nodes.Select(n => n.Output).Where(v => v.Type == ElementType.Int8).ToDictionary(v => v.Name, v => v.Quantization!);
        var ratios = ours.Nodes.Select(n => n.Output).Where(v => scales.ContainsKey(v.Name))
            .Select(v => v.Quantization!.Scale / scales[v.Name].Scale).ToList();
        Assert.True(ratios.Count >= 30);
        Assert.All(ratios, r => Assert.InRange(r, 0.2, 1.05));
        Assert.InRange(ratios.Order().ElementAt(ratios.Count / 2), 0.75, 1.02);

        var validation = Load(split.Validation, ValidationPhotos, preprocessing);
        var (expected, actual) = (Classes(published, validation, preprocessing), Classes(ours, validation, preprocessing));
        Assert.InRange(expected.Zip(actual).Count(p => p.First == p.Second), ValidationPhotos - 6, ValidationPhotos);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Folding_for_inference_changes_no_bit_of_a_published_network(string file, int side)
    {
        var published = TfliteReader.Read(SharedData.Require($"models/st/{file}"));
        var photo = new byte[side * side * 3];
        new Random(3).NextBytes(photo);
        var folded = Passes.ForInference(published);
        Assert.True(folded.Nodes.Count <= published.Nodes.Count);
        Assert.Equal(Run(published), Run(folded));

        byte[] Run(Graph graph)
        {
            using var executor = Executor.Compile(graph, new ExecutorOptions { Optimize = false, KeepAllValues = true });
            photo.CopyTo(executor.InputBytes());
            executor.Run();
            var logits = graph.Nodes[^2].Output;
            return [.. executor.ValueBytes(logits), .. executor.ValueBytes(graph.Outputs[0])];
        }
    }

    private static DecodedImageCache Load(ImageDataset photos, int count, Preprocessing preprocessing) => DecodedImageCache.Load(
        photos.Subset([.. Enumerable.Range(0, count)]), preprocessing, cancellationToken: TestContext.Current.CancellationToken);

    private static IEnumerable<ReadOnlyMemory<float>> Batches(DecodedImageCache photos, Preprocessing preprocessing)
    {
        for (var i = 0; i < photos.Count; i++)
        {
            var values = new float[preprocessing.PixelCount()];
            ImagePreprocessor.ToFloat(photos.Pixels(i), preprocessing, values);
            yield return values;
        }
    }

    private static List<int> Classes(Graph graph, DecodedImageCache photos, Preprocessing preprocessing)
    {
        using var executor = Executor.Compile(graph);
        var encoder = new InputEncoder(graph.Inputs[0], preprocessing);
        Assert.True(encoder.FeedsRawPixels);
        var classes = new List<int>();
        for (var i = 0; i < photos.Count; i++)
        {
            encoder.EncodePixels(photos.Pixels(i), executor.InputBytes());
            executor.Run();
            var scores = executor.Output<float>().ToArray();
            classes.Add(Array.IndexOf(scores, scores.Max()));
        }

        return classes;
    }
}
