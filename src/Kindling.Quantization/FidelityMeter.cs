using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Quantization;

/// <summary>Measures how near int8 networks' answers are to one float network's. The float network runs once.</summary>
public sealed class FidelityMeter
{
    private readonly IReadOnlyList<LabelledImages> _batches;
    private readonly List<float[]> _expected = [];
    private readonly string _logits;
    private readonly int _classes;
    private readonly int _threads;

    /// <summary>Runs the float network.</summary>
    /// <param name="graph">The float network, folded or not: one input, one output <c>[1, classes]</c>.</param>
    /// <param name="images">Labelled images that the network's weights may have seen but its calibration has not.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <exception cref="KindlingException">There is no image, or a batch has not one label for each image.</exception>
    public FidelityMeter(Graph graph, IEnumerable<LabelledImages> images, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(images);
        var prepared = Graphs.Passes.Passes.ForQuantization(graph);
        _batches = [.. images];
        _threads = threads;
        var logits = Logits(prepared);
        _logits = logits.Name;
        _classes = logits.Shape.ElementCount;
        if (_batches.Sum(b => b.Labels.Length) == 0)
            throw new KindlingException($"{graph.Name}: there is no image to compare float and int8 on");
        using var run = new BatchRunner(prepared, threads);
        foreach (var batch in _batches)
        {
            var scores = new List<float>();
            foreach (var count in run.Run(batch.Images, BatchRunner.CopyFloats))
                scores.AddRange(run.Floats(logits, count));
            if (scores.Count != batch.Labels.Length * _classes)
                throw new KindlingException($"{graph.Name}: a batch has {scores.Count / _classes} images and {batch.Labels.Length} labels");
            _expected.Add([.. scores]);
        }
    }

    /// <summary>Compares an int8 network.</summary>
    /// <param name="int8">A network that <see cref="PostTrainingQuantizer"/> made of the float one.</param>
    /// <param name="cancellation">Asked between batches.</param>
    public QuantizationFidelity Measure(Graph int8, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(int8);
        var sums = new Sums(_classes);
        var encoder = new InputEncoder(int8.Inputs[0], int8.Metadata.Preprocessing);
        var logits = int8.Nodes.Select(n => n.Output).First(v => v.Name == _logits);
        var output = int8.Outputs[0];
        using var run = new BatchRunner(int8, _threads);
        var (scores, answers) = (new float[_classes], new float[_classes]);
        for (var b = 0; b < _batches.Count; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            var image = 0;
            foreach (var count in run.Run(_batches[b].Images, (input, values) => encoder.EncodeValues(values.Span, input)))
            {
                for (var i = 0; i < count; i++, image++)
                {
                    Read(run.Bytes(logits, count), logits, i, scores);
                    Read(run.Bytes(output, count), output, i, answers);
                    sums.Add(_expected[b].AsSpan(image * _classes, _classes), scores, answers, _batches[b].Labels.Span[image]);
                }
            }
        }

        return sums.Result();
    }

    /// <summary>The scores before a closing softmax, or the output where there is none.</summary>
    internal static Value Logits(Graph graph) => graph.Producer(graph.Outputs[0]) is { Operator: Softmax } softmax ? softmax.Inputs[0] : graph.Outputs[0];

    private static void Read(ReadOnlySpan<byte> bytes, Value value, int image, Span<float> target)
    {
        var size = (int)value.Bytes;
        var own = bytes.Slice(image * size, size);
        if (value.Type == ElementType.Float32)
        {
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(own).CopyTo(target);
            return;
        }

        var q = value.Quantization!;
        for (var i = 0; i < target.Length; i++)
            target[i] = ((value.Type == ElementType.Int8 ? (sbyte)own[i] : own[i]) - q.ZeroPoint) * q.Scale;
    }

    private sealed class Sums(int classes)
    {
        private readonly double[] _expected = new double[classes];
        private readonly double[] _actual = new double[classes];
        private int _images;
        private int _floatRight;
        private int _right;
        private int _same;
        private double _signal;
        private double _noise;
        private double _divergence;

        public void Add(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, ReadOnlySpan<float> answers, int label)
        {
            var (expectedMean, actualMean) = (Mean(expected), Mean(actual));
            var (expectedSum, actualSum) = (0.0, 0.0);
            for (var c = 0; c < classes; c++)
            {
                _expected[c] = expected[c] - expectedMean;
                _actual[c] = actual[c] - actualMean;
                _signal += _expected[c] * _expected[c];
                _noise += (_expected[c] - _actual[c]) * (_expected[c] - _actual[c]);
                expectedSum += Math.Exp(_expected[c]);
                actualSum += Math.Exp(_actual[c]);
            }

            for (var c = 0; c < classes; c++)
                _divergence += Math.Exp(_expected[c]) / expectedSum * (_expected[c] - Math.Log(expectedSum) - _actual[c] + Math.Log(actualSum));
            var (first, second) = (IndexOfLargest(expected), IndexOfLargest(answers));
            _images++;
            _floatRight += first == label ? 1 : 0;
            _right += second == label ? 1 : 0;
            _same += first == second ? 1 : 0;
        }

        public QuantizationFidelity Result() => new(
            _images, (double)_floatRight / _images, (double)_right / _images, (double)_same / _images,
            _noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(_signal / _noise), Math.Max(0, _divergence / _images));

        private static double Mean(ReadOnlySpan<float> values)
        {
            double sum = 0;
            foreach (var value in values)
                sum += value;
            return sum / values.Length;
        }

        private static int IndexOfLargest(ReadOnlySpan<float> values)
        {
            var best = 0;
            for (var c = 1; c < values.Length; c++)
            {
                if (values[c] > values[best])
                    best = c;
            }

            return best;
        }
    }
}
