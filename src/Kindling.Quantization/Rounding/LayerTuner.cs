using System.Runtime.InteropServices;
using Kindling.Graphs;

namespace Kindling.Quantization.Rounding;

/// <summary>
/// Improves the constants of an int8 network while it is written: after each layer float and int8 network are run on, so that the next
/// layer is tuned to what it will really be fed. Bias correction is the empirical one of Nagel and others (2019, section 4.2).
/// </summary>
internal sealed class LayerTuner : IDisposable
{
    private const long MostBytes = 1L << 30;
    private readonly Graph _graph;
    private readonly QuantizationOptions _options;
    private readonly LockstepRun _run;
    private readonly IProgress<QuantizationProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private int _layer;

    /// <summary>Prepares the tuning of a network.</summary>
    /// <param name="graph">The float network that is quantized.</param>
    /// <param name="images">Images to tune on; as many are taken as memory and options allow.</param>
    /// <param name="options">What is tuned.</param>
    /// <param name="progress">Told before each layer.</param>
    /// <param name="cancellation">Asked before each layer.</param>
    public LayerTuner(
        Graph graph, IEnumerable<ReadOnlyMemory<float>> images, QuantizationOptions options, IProgress<QuantizationProgress>? progress,
        CancellationToken cancellation)
    {
        _graph = graph;
        _options = options;
        _progress = progress;
        _cancellation = cancellation;
        var input = graph.Inputs[0];
        var largest = graph.Nodes.Select(n => n.Output.Bytes).Append(input.Bytes).Order().TakeLast(2).Sum();
        var most = (int)Math.Clamp(MostBytes * 4 / 5 / largest, 1, options.TuningImages);
        var pixels = Spread(images, input.Shape.ElementCount, most);
        _run = new LockstepRun(pixels.Length / input.Shape.ElementCount, options.Threads);
        MemoryMarshal.AsBytes(pixels.AsSpan()).CopyTo(_run.Provide(input));
    }

    /// <summary>Feeds the int8 network's own input and runs the nodes that convert it.</summary>
    public void Begin(Value input, IEnumerable<Node> nodes)
    {
        var encoder = new Execution.InputEncoder(input, _graph.Metadata.Preprocessing);
        var target = _run.Provide(input);
        for (var i = 0; i < _run.Images; i++)
            encoder.EncodeValues(_run.Floats(_graph.Inputs[0], i), target.Slice((int)input.Bytes * i, (int)input.Bytes));
        foreach (var node in nodes)
            _run.Run(node);
    }

    /// <summary>Chooses rounding and bias of a layer.</summary>
    /// <param name="node">The float layer.</param>
    /// <param name="x">Its int8 input.</param>
    /// <param name="zeroPointError">What is added to the input's zero point to find its exact place.</param>
    /// <param name="scales">The step of each output channel's weights.</param>
    /// <param name="rounded">In: weights rounded to the nearest; out: as chosen.</param>
    /// <param name="bias">In: the float biases; out: corrected.</param>
    /// <param name="pieces">Pieces into which the layer's channels are split, which keep the same weights.</param>
    public void Tune(Node node, Value x, double zeroPointError, ReadOnlySpan<float> scales, Span<sbyte> rounded, Span<float> bias, int pieces = 1)
    {
        var sample = Sample(node, x, zeroPointError, out var geometry);
        var weights = node.Inputs[1].Constant!.AsSpan<float>();
        if (_options.AdaptiveRounding && geometry.IsDepthwise)
            RoundDepthwise(geometry, sample, weights, scales, rounded);
        else if (_options.AdaptiveRounding)
            RoundRows(geometry, sample, weights, scales, rounded);
        GraphQuantizer.Repeat(rounded, pieces);

        var channels = bias.Length;
        for (var c = 0; c < channels; c++)
        {
            double difference = 0;
            var (start, step, taps) = geometry.IsDepthwise ? (c, channels, geometry.Taps) : (0, 1, geometry.Size);
            for (var k = 0; k < taps; k++)
            {
                var w = geometry.IsDepthwise ? (k * channels) + c : (c * geometry.Size) + k;
                var p = start + (k * step);
                difference += (weights[w] * sample.Mean[p]) - (rounded[w] * (double)scales[c] * sample.Int8Mean[p]);
            }

            bias[c] += (float)difference;
        }
    }

    /// <summary>Runs a float node and the int8 nodes that stand for it, and forgets what nothing reads any more.</summary>
    public void Advance(Node node, IEnumerable<Node> int8Nodes, Func<Value, Value?> int8Of)
    {
        _run.Run(node);
        foreach (var int8 in int8Nodes)
            _run.Run(int8);
        foreach (var input in node.Inputs.Where(i => !i.IsConstant && _graph.Consumers(i)[^1] == node))
        {
            _run.Forget(input);
            if (int8Of(input) is { } value)
                _run.Forget(value);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    private PatchSample Sample(Node node, Value x, double zeroPointError, out PatchGeometry geometry)
    {
        _cancellation.ThrowIfCancellationRequested();
        _progress?.Report(new QuantizationProgress($"tuning {node.Name}", (double)_graph.Nodes.ToList().IndexOf(node) / _graph.Nodes.Count));
        geometry = new PatchGeometry(node);
        var sample = new PatchSample(geometry, _run.Images, _options.AdaptiveRounding, _layer++);
        var reals = new float[x.Shape.ElementCount];
        var q = x.Quantization!;
        for (var i = 0; i < _run.Images; i++)
        {
            Rows.Dequantize(MemoryMarshal.Cast<byte, sbyte>(_run.Bytes(x, i)), q.Scale, q.ZeroPoint + zeroPointError, reals);
            sample.Add(_run.Floats(node.Inputs[0], i), reals);
        }

        return sample;
    }

    private void RoundRows(PatchGeometry geometry, PatchSample sample, ReadOnlySpan<float> weights, ReadOnlySpan<float> scales, Span<sbyte> rounded)
    {
        var size = geometry.Size;
        var channels = weights.Length / size;
        var turned = MatrixProduct.Transpose(sample.Int8, sample.Count);
        var outputs = MatrixProduct.Transposed(weights.ToArray(), channels, sample.Float, sample.Count, _options.Threads);
        var moments = MatrixProduct.Transposed(turned, size, turned, size, _options.Threads);
        var targets = MatrixProduct.Transposed(outputs, channels, turned, size, _options.Threads);
        var (steps, floats, chosen) = (scales.ToArray(), weights.ToArray(), rounded.ToArray());
        Parallel.For(0, channels, new ParallelOptions { MaxDegreeOfParallelism = _options.Threads == 0 ? Environment.ProcessorCount : _options.Threads }, c =>
            AdaptiveRounding.Solve(floats.AsSpan(c * size, size), steps[c], moments, targets.AsSpan(c * size, size), chosen.AsSpan(c * size, size)));
        chosen.CopyTo(rounded);
    }

    private static void RoundDepthwise(PatchGeometry geometry, PatchSample sample, ReadOnlySpan<float> weights, ReadOnlySpan<float> scales, Span<sbyte> rounded)
    {
        var (taps, channels) = (geometry.Taps, geometry.Channels);
        // Moments of all channels side by side: [tap, tap, channel] of the int8 patches, [tap, tap, channel] between int8 and float ones.
        var own = new float[taps * taps * channels];
        var across = new float[own.Length];
        for (var s = 0; s < sample.Count; s++)
        {
            var x = sample.Int8.AsSpan(s * geometry.Size, geometry.Size);
            var y = sample.Float.AsSpan(s * geometry.Size, geometry.Size);
            for (var i = 0; i < taps; i++)
            {
                for (var j = 0; j < taps; j++)
                {
                    var at = ((i * taps) + j) * channels;
                    Rows.AddProduct(x.Slice(i * channels, channels), x.Slice(j * channels, channels), own.AsSpan(at, channels));
                    Rows.AddProduct(x.Slice(i * channels, channels), y.Slice(j * channels, channels), across.AsSpan(at, channels));
                }
            }
        }

        var moments = new float[taps * taps];
        var (w, target, chosen) = (new float[taps], new float[taps], new sbyte[taps]);
        for (var c = 0; c < channels; c++)
        {
            for (var i = 0; i < moments.Length; i++)
                moments[i] = own[(i * channels) + c];
            for (var i = 0; i < taps; i++)
                (w[i], chosen[i]) = (weights[(i * channels) + c], rounded[(i * channels) + c]);
            for (var i = 0; i < taps; i++)
            {
                target[i] = 0;
                for (var j = 0; j < taps; j++)
                    target[i] += across[(((i * taps) + j) * channels) + c] * w[j];
            }

            AdaptiveRounding.Solve(w, scales[c], moments, target, chosen);
            for (var i = 0; i < taps; i++)
                rounded[(i * channels) + c] = chosen[i];
        }
    }

    // Images spread evenly over all that are given.
    private static float[] Spread(IEnumerable<ReadOnlyMemory<float>> batches, int size, int most)
    {
        var total = batches.Sum(b => b.Length / size);
        var count = Math.Min(total, most);
        var chosen = new float[count * size];
        var (seen, taken) = (0, 0);
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.Length / size; i++, seen++)
            {
                if (taken < count && seen == (int)((long)taken * total / count))
                    batch.Span.Slice(i * size, size).CopyTo(chosen.AsSpan(taken++ * size));
            }
        }

        return chosen;
    }
}
