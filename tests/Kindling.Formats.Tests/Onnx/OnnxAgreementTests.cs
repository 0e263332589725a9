using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Execution;
using Kindling.Formats.Onnx;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Onnx;

/// <summary>
/// The zoo's int8 networks, written as ONNX: ONNX Runtime puts validation photos into the classes the integer executor puts them into.
/// <c>KINDLING_FULL=1</c> takes all 734 photos.
/// </summary>
public sealed class OnnxAgreementTests
{
    private const int Some = 200;

    // A network that is unsure may turn on one step of rounding: one photo in 200.
    private const double LeastAgreement = 0.995;
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("KINDLING_FULL") == "1";

    [Theory]
    [InlineData("mobilenet_v1_0.25_96", OnnxQuantization.Qdq, 13)]
    [InlineData("mobilenet_v1_0.25_96", OnnxQuantization.QOperator, 12)]
    [InlineData("squeezenet_v1.1_128", OnnxQuantization.Qdq, 13)]
    [InlineData("squeezenet_v1.1_128", OnnxQuantization.QOperator, 12)]
    [InlineData("squeezenet_v1.1_128", OnnxQuantization.Qdq, 13, OnnxWeights.Int8)]
    [InlineData("squeezenet_v1.1_128", OnnxQuantization.QOperator, 12, OnnxWeights.Int8)]
    [InlineData("st_efficientnet_lc_v1_128", OnnxQuantization.Qdq, 13)]
    [InlineData("st_efficientnet_lc_v1_128", OnnxQuantization.QOperator, 12)]
    public void ONNX_Runtime_names_the_class_the_integer_executor_names_for_199_of_200_validation_photos(
        string name, OnnxQuantization form, int opset, OnnxWeights weights = OnnxWeights.UInt8)
    {
        var archive = SharedData.Require("flowers/flower_photos_256.zip");
        var graph = TfliteReader.Read(Path.Combine(SharedData.Repository, "zoo", $"flowers_{name}", $"flowers_{name}_int8.tflite"));
        var (shape, preprocessing) = (graph.Inputs[0].Shape, graph.Metadata.Preprocessing!);
        using var all = ImageDataset.Open(archive);
        var validation = Split.TrainValidation(all, 0.2, 127).Validation;
        var count = IsFull ? validation.Count : Some;
        var photos = Enumerable.Range(0, count).Select(i =>
        {
            var pixels = new byte[preprocessing.PixelCount()];
            ImagePreprocessor.ToPixels(validation.Load(i, shape.Channels), preprocessing, pixels);
            return pixels;
        }).ToList();
        var model = OnnxWriter.ToBytes(graph, opset, form, weights);
        var job = new OnnxPeers.Job(
            name, model, graph.Inputs[0].Type.Name(), [count, shape.Channels, shape.Height, shape.Width],
            [.. photos.SelectMany(p => OnnxNetworks.ChannelsFirst<byte>(p, shape))], IsPrecise: weights == OnnxWeights.Int8);
        var (_, output, error) = OnnxPeers.Run([job])[0];
        Assert.True(output is not null, error);

        // A file read is computed as its format specifies. ONNX rounds once from the exact product; TFLite Micro and boards round twice, which moves one value
        // in a hundred by a step.
        var theirs = OnnxPeers.Floats(output);
        var read = Agreement(OnnxReader.Read(model, name), null);
        Assert.InRange(read.Same, LeastAgreement * count, count);
        var (same, ties) = Agreement(graph, Int8Arithmetic.TfliteMicro);
        Assert.InRange(same + ties, LeastAgreement * count, count);

        (int Same, int Ties) Agreement(Graph compared, Int8Arithmetic? arithmetic)
        {
            var (same, ties, equal, right, theirRight) = Compare(compared, arithmetic, photos, theirs, validation);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{name} {form} {weights} {arithmetic?.ToString() ?? "as ONNX"}: same class {same} of {count}, {ties} more share the best score, all scores equal {equal}; right {right} here, {theirRight} there");
            return (same, ties);
        }
    }

    private static (int Same, int Ties, int Equal, int Right, int TheirRight) Compare(
        Graph graph, Int8Arithmetic? arithmetic, List<byte[]> photos, float[] theirs, ImageDataset labels)
    {
        using var classifier = new ImageClassifier(graph, graph.Metadata.Preprocessing, threads: 1, arithmetic: arithmetic);
        var scores = new float[classifier.Classes];
        var (same, ties, equal, right, theirRight) = (0, 0, 0, 0, 0);
        for (var i = 0; i < photos.Count; i++)
        {
            classifier.Classify(photos[i], scores);
            var their = theirs.AsSpan(i * scores.Length, scores.Length);
            var (mine, its) = (Best(scores), Best(their));
            same += mine == its ? 1 : 0;
            // Scores come in steps of 1/256: where two classes share the best one, either is right.
            ties += mine != its && (their[mine] == their[its] || scores[its] == scores[mine]) ? 1 : 0;
            equal += their.SequenceEqual(scores) ? 1 : 0;
            right += mine == labels.Label(i) ? 1 : 0;
            theirRight += its == labels.Label(i) ? 1 : 0;
        }

        return (same, ties, equal, right, theirRight);
    }

    private static int Best(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            best = scores[i] > scores[best] ? i : best;
        return best;
    }
}
