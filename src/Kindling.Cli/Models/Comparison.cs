using System.Diagnostics;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Cli.Models;

/// <summary>Two networks side by side.</summary>
internal static class Comparison
{
    private const int Warmup = 3;
    private const int Rounds = 21;

    /// <summary>The largest difference between the scores of two networks on noise, in units of the scores.</summary>
    public static double LargestDifference(Graph a, Graph b)
    {
        const int Trials = 3;
        var shape = a.Inputs[0].Shape;
        var preprocessing = a.Metadata.Preprocessing;
        // Two formats may specify two arithmetics; the networks are compared, not those.
        using var first = new ImageClassifier(a, preprocessing, arithmetic: Int8Arithmetic.TfliteMicro);
        using var second = new ImageClassifier(b, preprocessing, arithmetic: Int8Arithmetic.TfliteMicro);
        var pixels = new byte[shape.ElementCount];
        var (x, y) = (new float[first.Classes], new float[second.Classes]);
        var largest = 0.0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var noise = new RandomStream(trial, 0);
            foreach (ref var pixel in pixels.AsSpan())
                pixel = (byte)noise.NextSingle(0, 256);
            first.Classify(pixels, x);
            second.Classify(pixels, y);
            largest = Math.Max(largest, x.Zip(y).Max(p => Math.Abs((double)p.First - p.Second)));
        }

        return largest;
    }

    /// <summary>Median milliseconds of one photo in each network, run in turn.</summary>
    public static (double First, double Second) Milliseconds(LoadedModel a, LoadedModel b, ReadOnlySpan<byte> pixelsOfA, ReadOnlySpan<byte> pixelsOfB, int threads, Int8Arithmetic? arithmetic)
    {
        using var first = new ImageClassifier(a.Graph, a.Preprocessing, 1, threads, arithmetic);
        using var second = new ImageClassifier(b.Graph, b.Preprocessing, 1, threads, arithmetic);
        var (x, y) = (new float[first.Classes], new float[second.Classes]);
        var (timesOfA, timesOfB) = (new List<double>(), new List<double>());
        for (var round = -Warmup; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            first.Classify(pixelsOfA, x);
            var middle = Stopwatch.GetTimestamp();
            second.Classify(pixelsOfB, y);
            var end = Stopwatch.GetTimestamp();
            if (round < 0)
                continue;
            timesOfA.Add(Stopwatch.GetElapsedTime(start, middle).TotalMilliseconds);
            timesOfB.Add(Stopwatch.GetElapsedTime(middle, end).TotalMilliseconds);
        }

        return (timesOfA.Order().ElementAt(Rounds / 2), timesOfB.Order().ElementAt(Rounds / 2));
    }
}
