using Kindling.Graphs;

namespace Kindling.Quantization.Splitting;

/// <summary>How often the values above zero of each channel of an activation occur.</summary>
internal sealed class ChannelHistograms
{
    private const int Bins = 1024;
    private readonly long[] _counts;
    private readonly float[] _largest;

    private ChannelHistograms(int channels, float largest)
    {
        _counts = new long[channels * Bins];
        _largest = new float[channels];
        Bin = (largest > 0 ? largest : 1) / Bins;
    }

    /// <summary>Width of a bin; the first one begins at zero.</summary>
    public float Bin { get; }

    /// <summary>The largest value of a channel.</summary>
    public float Largest(int channel) => _largest[channel];

    /// <summary>The bins of a channel.</summary>
    public ReadOnlySpan<long> Counts(int channel) => _counts.AsSpan(channel * Bins, Bins);

    /// <summary>Counts the values of activations.</summary>
    /// <param name="graph">The float network.</param>
    /// <param name="largest">The activations, each with its largest value.</param>
    /// <param name="images">Preprocessed images.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static IReadOnlyDictionary<Value, ChannelHistograms> Of(
        Graph graph, IReadOnlyDictionary<Value, float> largest, IEnumerable<ReadOnlyMemory<float>> images, int threads, CancellationToken cancellation)
    {
        var found = largest.ToDictionary(p => p.Key, p => new ChannelHistograms(p.Key.Shape.Channels, p.Value));
        using var run = new BatchRunner(graph, threads);
        foreach (var batch in images)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var count in run.Run(batch, BatchRunner.CopyFloats))
            {
                foreach (var (value, histograms) in found)
                    histograms.Add(run.Floats(value, count));
            }
        }

        return found;
    }

    private void Add(ReadOnlySpan<float> values)
    {
        var channels = _largest.Length;
        for (int i = 0, c = 0; i < values.Length; i++, c = c + 1 == channels ? 0 : c + 1)
        {
            var value = values[i];
            if (!(value > 0))
                continue;
            _counts[(c * Bins) + Math.Min(Bins - 1, (int)(value / Bin))]++;
            _largest[c] = MathF.Max(_largest[c], value);
        }
    }
}
