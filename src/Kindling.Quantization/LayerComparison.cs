using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Passes;
using Kindling.Tensors;

namespace Kindling.Quantization;

/// <summary>
/// Runs a float network and its int8 form side by side and compares the activations that have the same name. Where converters renamed layers, the layers
/// of one operator are compared in their order, if both networks have as many, of the same shapes.
/// </summary>
public static class LayerComparison
{
    /// <summary>Signal-to-noise ratio of a full-scale signal in 8 bits, in dB.</summary>
    private const double BestOf8Bits = 50;

    /// <summary>Is given the outputs of one image.</summary>
    /// <param name="image">Its number, counted from 0 over all batches.</param>
    /// <param name="expected">The float network's output.</param>
    /// <param name="actual">The bytes of the int8 network's output.</param>
    public delegate void OutputVisitor(int image, ReadOnlySpan<float> expected, ReadOnlySpan<byte> actual);

    /// <summary>
    /// Compares the two networks. Equalization leaves inner activations of the int8 network in other units, channel by channel; such factors are found
    /// (<see cref="LayerDifference.IsRescaled"/>) and the float values brought to the int8 network's units before they are compared.
    /// </summary>
    /// <param name="floatGraph">The float network, folded or not.</param>
    /// <param name="int8Graph">Its int8 form (<see cref="QuantizationResult.Graph"/>).</param>
    /// <param name="batches">Preprocessed images, <c>[k, H, W, C]</c> floats a batch; gone through twice.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <param name="visit">Is given the outputs of every image.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>The input and every layer both networks have, in the order of the int8 network.</returns>
    /// <exception cref="KindlingException">The two are not one network, a batch is no whole number of images, or there is none.</exception>
    public static IReadOnlyList<LayerDifference> Run(
        Graph floatGraph, Graph int8Graph, IEnumerable<ReadOnlyMemory<float>> batches, int threads = 0, OutputVisitor? visit = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(floatGraph);
        ArgumentNullException.ThrowIfNull(int8Graph);
        ArgumentNullException.ThrowIfNull(batches);
        var prepared = Passes.ForQuantization(floatGraph);
        var counterparts = LayerMatching.Find(prepared, int8Graph);
        var sums = int8Graph.Inputs.Select(v => (Value: v, Kind: "INPUT"))
            .Concat(int8Graph.Nodes.Select(n => (Value: n.Output, n.Operator.Kind)))
            .Where(p => p.Value.Type.IsQuantized() && counterparts.ContainsKey(p.Value))
            .Select(p => new Sums(counterparts[p.Value], p.Value, p.Kind)).ToList();

        var encoder = new InputEncoder(int8Graph.Inputs[0], int8Graph.Metadata.Preprocessing);
        using var floats = new BatchRunner(prepared, threads);
        using var integers = new BatchRunner(int8Graph, threads);
        foreach (var (_, count) in Steps())
        {
            foreach (var layer in sums)
                layer.Observe(floats.Floats(layer.Float, count), integers.Bytes(layer.Int8, count));
        }

        foreach (var layer in sums)
            layer.Scale();
        foreach (var (first, count) in Steps())
        {
            foreach (var layer in sums)
                layer.Add(floats.Floats(layer.Float, count), integers.Bytes(layer.Int8, count), first, count);
            if (visit is not null)
                Visit(visit, first, count, floats.Floats(prepared.Outputs[0], count), integers.Bytes(int8Graph.Outputs[0], count));
        }

        return sums.Count > 0 && sums[0].Elements == 0
            ? throw new KindlingException($"{int8Graph.Name}: there is no image to compare")
            : WithLosses(int8Graph, [.. sums.Select(s => s.Result())]);

        // Runs both networks; the values of a step's images can be read until the next step.
        IEnumerable<(int First, int Count)> Steps()
        {
            var images = 0;
            foreach (var batch in batches)
            {
                cancellation.ThrowIfCancellationRequested();
                using var steps = integers.Run(batch, (input, values) => encoder.EncodeValues(values.Span, input)).GetEnumerator();
                foreach (var count in floats.Run(batch, BatchRunner.CopyFloats))
                {
                    steps.MoveNext();
                    yield return (images, count);
                    images += count;
                }
            }
        }
    }

    private static void Visit(OutputVisitor visit, int first, int count, ReadOnlySpan<float> expected, ReadOnlySpan<byte> actual)
    {
        var (floats, bytes) = (expected.Length / count, actual.Length / count);
        for (var i = 0; i < count; i++)
            visit(first + i, expected.Slice(i * floats, floats), actual.Slice(i * bytes, bytes));
    }

    private static List<LayerDifference> WithLosses(Graph graph, IReadOnlyList<LayerDifference> layers)
    {
        var byName = layers.ToDictionary(l => l.Name);
        var producers = graph.Nodes.ToDictionary(n => n.Output.Name);
        return [.. layers.Select(l => producers.TryGetValue(l.Name, out var node)
            ? l with { Loss = node.Inputs.Where(i => !i.IsConstant).Select(Carried).DefaultIfEmpty(BestOf8Bits).Min() - Math.Min(l.SignalToNoise, BestOf8Bits) }
            : l)];

        // What a value that was not compared itself (a padded image) carries, its own sources say.
        double Carried(Value value) => byName.TryGetValue(value.Name, out var layer)
            ? Math.Min(layer.SignalToNoise, BestOf8Bits)
            : graph.Producer(value) is { } node ? node.Inputs.Where(i => !i.IsConstant).Select(Carried).DefaultIfEmpty(BestOf8Bits).Min() : BestOf8Bits;
    }

    private sealed class Sums(Value floats, Value int8, string kind)
    {
        private double _signal;
        private double _noise;
        private double _worst;
        private long _saturated;
        private double _worstRatio = double.PositiveInfinity;
        private int _worstImage;
        private readonly ChannelScaling _scaling = new(floats.Shape.Channels, int8.Quantization!.Scale);
        private readonly double[] _reals = Reals(int8);
        private float[]? _factors;
        private float[] _scaled = [];

        public Value Float => floats;

        public Value Int8 => int8;

        public long Elements { get; private set; }

        public void Observe(ReadOnlySpan<float> expected, ReadOnlySpan<byte> actual) => _scaling.Observe(expected, actual, _reals);

        public void Scale() => _factors = _scaling.Factors();

        public void Add(ReadOnlySpan<float> expected, ReadOnlySpan<byte> actual, int first, int images)
        {
            if (_factors is not null)
            {
                if (_scaled.Length < expected.Length)
                    _scaled = new float[expected.Length];
                for (var i = 0; i < expected.Length; i++)
                    _scaled[i] = expected[i] * _factors[i % _factors.Length];
                expected = _scaled.AsSpan(0, expected.Length);
            }

            var size = expected.Length / images;
            for (var i = 0; i < images; i++)
            {
                var (signal, noise) = Add(expected.Slice(i * size, size), actual.Slice(i * size, size));
                _signal += signal;
                _noise += noise;
                var ratio = noise == 0 ? double.PositiveInfinity : signal / noise;
                if (ratio >= _worstRatio)
                    continue;
                _worstRatio = ratio;
                _worstImage = first + i;
            }

            Elements += expected.Length;
        }

        private (double Signal, double Noise) Add(ReadOnlySpan<float> expected, ReadOnlySpan<byte> actual)
        {
            var (signal, noise) = (0.0, 0.0);
            var q = int8.Quantization!;
            var isSigned = int8.Type == ElementType.Int8;
            var low = ((isSigned ? -128 : 0) - q.ZeroPoint - 0.5) * q.Scale;
            var high = ((isSigned ? 127 : 255) - q.ZeroPoint + 0.5) * q.Scale;
            for (var i = 0; i < expected.Length; i++)
            {
                double x = expected[i];
                var y = _reals[actual[i]];
                signal += x * x;
                noise += (x - y) * (x - y);
                _worst = Math.Max(_worst, Math.Abs(x - y));
                if (x < low || x > high)
                    _saturated++;
            }

            return (signal, noise);
        }

        public LayerDifference Result() => new(
            int8.Name, kind, _noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(_signal / _noise), _worst, (double)_saturated / Elements)
        {
            WorstImage = _worstImage,
            IsRescaled = _factors is not null,
        };

        private static double[] Reals(Value int8) => [.. Enumerable.Range(0, 256).Select(b =>
            ((int8.Type == ElementType.Int8 ? (sbyte)b : b) - int8.Quantization!.ZeroPoint) * (double)int8.Quantization.Scale)];
    }
}
