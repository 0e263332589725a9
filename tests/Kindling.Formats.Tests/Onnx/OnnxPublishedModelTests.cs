using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Execution;
using Kindling.Formats.Onnx;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Tensors;
using Kindling.Tests.Tflite;

namespace Kindling.Tests.Onnx;

/// <summary>Published int8 networks, written as ONNX, on real photos.</summary>
public sealed class OnnxPublishedModelTests
{
    private const int Photos = 400;

    // A network that is unsure may turn on one step of rounding: one photo in 200.
    private const double LeastAgreement = 0.995;

    [Theory]
    [InlineData("mobilenet_v1_0.25_96", OnnxQuantization.Qdq)]
    [InlineData("mobilenet_v1_0.25_96", OnnxQuantization.QOperator)]
    [InlineData("squeezenet_v1.1_128", OnnxQuantization.Qdq)]
    [InlineData("squeezenet_v1.1_128", OnnxQuantization.QOperator)]
    public void ONNX_Runtime_names_the_class_the_integer_executor_names(string name, OnnxQuantization form)
    {
        var graph = TfliteReader.Read(GoldenModels.Load(name).Path);
        var model = OnnxWriter.ToBytes(graph, form == OnnxQuantization.Qdq ? 13 : 12, form);
        var photos = LoadPhotos(graph.Inputs[0].Shape);
        var shape = graph.Inputs[0].Shape;
        var job = new OnnxPeers.Job(
            name, model, graph.Inputs[0].Type.Name(), [photos.Count, shape.Channels, shape.Height, shape.Width],
            [.. photos.SelectMany(p => OnnxNetworks.ChannelsFirst<byte>(p, shape))]);
        var (_, output, error) = OnnxPeers.Run([job])[0];
        Assert.True(output is not null, error);

        var classes = graph.Outputs[0].Shape.ElementCount;
        var scores = OnnxPeers.Floats(output);
        using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1 });
        var same = 0;
        for (var i = 0; i < photos.Count; i++)
        {
            photos[i].CopyTo(executor.InputBytes());
            executor.Run();
            // Scores come in steps of 1/256: where two classes share the best one, either is right.
            var mine = executor.Output<float>();
            var theirs = scores.AsSpan(i * classes, classes);
            same += theirs[Best(mine)] == Largest(theirs) || mine[Best(theirs)] == Largest(mine) ? 1 : 0;
        }

        TestContext.Current.SendDiagnosticMessage($"{name} {form}: {same} of {photos.Count}");
        Assert.InRange(same, LeastAgreement * photos.Count, photos.Count);
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    [InlineData("st_efficientnet_lc_v1_128")]
    public void A_published_network_written_as_ONNX_and_read_back_computes_the_same_bytes(string name)
    {
        var graph = TfliteReader.Read(SharedData.Require($"models/st/{name}_flowers_int8.tflite"));
        var input = new byte[graph.Inputs[0].Bytes];
        new Random(3).NextBytes(input);
        var expected = OnnxNetworks.RunBytes(graph, input);
        foreach (var form in Enum.GetValues<OnnxQuantization>())
        {
            var again = OnnxReader.Read(OnnxWriter.ToBytes(graph, 17, form), "again.onnx");
            Assert.Equal(expected, OnnxNetworks.RunBytes(again, input));
            Assert.Equal(graph.Macs, again.Macs);
        }
    }

    private static List<byte[]> LoadPhotos(Shape shape)
    {
        using var photos = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));
        var preprocessing = new Preprocessing(shape.Height, shape.Width, ColorMode.Rgb, [1 / 127.5f], [-1]);
        var step = photos.Count / Photos;
        return [.. Enumerable.Range(0, Photos).Select(i =>
        {
            var pixels = new byte[preprocessing.PixelCount()];
            ImagePreprocessor.ToPixels(photos.Load(i * step), preprocessing, pixels);
            return pixels;
        })];
    }

    private static int Best(ReadOnlySpan<float> scores) => scores.IndexOf(Largest(scores));

    private static float Largest(ReadOnlySpan<float> scores)
    {
        var largest = scores[0];
        foreach (var s in scores)
            largest = MathF.Max(largest, s);
        return largest;
    }
}
