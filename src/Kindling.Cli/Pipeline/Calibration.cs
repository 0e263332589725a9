using Kindling.Cli.Hosting;
using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Graphs;
using Kindling.Quantization;
using Kindling.Tensors;

namespace Kindling.Cli.Pipeline;

/// <summary>Quantizes with photos of a cache.</summary>
internal static class Calibration
{
    /// <summary>Training photos that are calibrated on unless the configuration says otherwise.</summary>
    public const int DefaultImages = 256;

    private const int Batch = 16;

    /// <summary>Photos spread evenly over a set of <paramref name="count"/>, at most <paramref name="most"/>.</summary>
    public static IReadOnlyList<int> Choose(int count, int most)
    {
        var chosen = Math.Min(count, most);
        return [.. Enumerable.Range(0, chosen).Select(i => (int)((long)i * count / chosen))];
    }

    /// <summary>The element type of a word of the configuration.</summary>
    public static ElementType TypeOf(string word) => word switch
    {
        "uint8" => ElementType.UInt8,
        "int8" => ElementType.Int8,
        _ => ElementType.Float32,
    };

    /// <summary>Quantizes a float network.</summary>
    public static QuantizationResult Quantize(Graph graph, DecodedImageCache photos, QuantizationOptions options, VerbContext context)
    {
        QuantizationResult? result = null;
        context.Terminal.Track("calibrating", photos.Count, tracker => result = PostTrainingQuantizer.Quantize(
            graph, Batches(photos), options, new Relay(tracker), context.Cancellation));
        return result!;
    }

    private static IEnumerable<ReadOnlyMemory<float>> Batches(DecodedImageCache photos)
    {
        var size = photos.Preprocessing.PixelCount();
        var buffer = new float[Batch * size];
        for (var first = 0; first < photos.Count; first += Batch)
        {
            var count = Math.Min(Batch, photos.Count - first);
            for (var i = 0; i < count; i++)
                ImagePreprocessor.ToFloat(photos.Pixels(first + i), photos.Preprocessing, buffer.AsSpan(i * size, size));
            yield return buffer.AsMemory(0, count * size);
        }
    }

    private sealed class Relay(IProgressTracker tracker) : IProgress<CalibrationProgress>
    {
        public void Report(CalibrationProgress value) => tracker.Report(value.Images);
    }
}
