using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Planning;

namespace Kindling.Training.Tests;

/// <summary>
/// A network in training mode, computed with plain loops in double precision: batch statistics, dropout masks, cross-entropy. What the compiled
/// plan's gradients are differenced against.
/// </summary>
internal sealed partial class DoubleReference(Graph graph, int batch, float smoothing = 0, long seed = 0, long step = 0)
{
    private readonly Dictionary<Value, double[]> _constants =
        graph.Constants.ToDictionary(v => v, v => v.Constant!.AsSpan<float>().ToArray().Select(f => (double)f).ToArray());

    public Dictionary<Value, (double[] Mean, double[] Variance)> BatchStatistics { get; } = [];

    public double[] Constant(Value value) => _constants[value];

    /// <summary>The mean cross-entropy of a batch.</summary>
    public double Loss(double[] images, int[] labels)
    {
        var scores = Forward(images)[graph.Outputs[0]];
        var classes = graph.Outputs[0].Shape.Channels;
        var isSoftmax = graph.Nodes[^1].Operator is Softmax;
        double loss = 0;
        for (var n = 0; n < batch; n++)
        {
            var row = scores.AsSpan(n * classes, classes).ToArray();
            var logs = isSoftmax ? [.. row.Select(p => Math.Log(p))] : LogSoftmax(row);
            for (var c = 0; c < classes; c++)
                loss -= logs[c] * ((c == labels[n] ? 1 - smoothing : 0) + (smoothing / classes));
        }

        return loss / batch;
    }

    private Dictionary<Value, double[]> Forward(double[] images)
    {
        var values = new Dictionary<Value, double[]>(_constants) { [graph.Inputs[0]] = images };
        foreach (var node in graph.Nodes)
            values[node.Output] = Evaluate(node, values);
        return values;
    }

    private static double[] LogSoftmax(double[] row)
    {
        var sum = row.Sum(p => Math.Exp(p));
        return [.. row.Select(x => x - Math.Log(sum))];
    }

    private double[] Evaluate(Node node, Dictionary<Value, double[]> values)
    {
        var x = values[node.Inputs[0]];
        var input = node.Inputs[0].Shape;
        var output = node.Output.Shape;
        var second = node.Inputs.Count > 1 ? values[node.Inputs[1]] : [];
        var third = node.Inputs.Count > 2 ? values[node.Inputs[2]] : null;
        return node.Operator switch
        {
            Conv2D op => Clip(Window(x, input, output, new(node.Inputs[1].Shape[1], node.Inputs[1].Shape[2]), op.Stride, op.Padding, op.Dilation, (o, taps) =>
            {
                var sum = third?[o] ?? 0;
                foreach (var (ky, kx, pixel) in taps)
                {
                    for (var c = 0; c < input.Channels; c++)
                        sum += x[pixel + c] * second[(((((o * node.Inputs[1].Shape[1]) + ky) * node.Inputs[1].Shape[2]) + kx) * input.Channels) + c];
                }

                return sum;
            }), op.Activation),
            DepthwiseConv2D op => Clip(Window(x, input, output, new(node.Inputs[1].Shape[0], node.Inputs[1].Shape[1]), op.Stride, op.Padding, op.Dilation, (o, taps) =>
                (third?[o] ?? 0) + taps.Sum(t => x[t.Pixel + o] * second[(((t.Ky * node.Inputs[1].Shape[1]) + t.Kx) * input.Channels) + o])), op.Activation),
            MaxPool2D op => Clip(Window(x, input, output, op.Kernel, op.Stride, op.Padding, 1, (o, taps) => taps.Max(t => x[t.Pixel + o])), op.Activation),
            AveragePool2D op => Clip(Window(x, input, output, op.Kernel, op.Stride, op.Padding, 1, (o, taps) =>
                taps.Sum(t => x[t.Pixel + o]) / (op.CountIncludesPadding ? op.Kernel.Height * op.Kernel.Width : taps.Count)), op.Activation),
            GlobalAveragePool => Map(output, i =>
            {
                var (n, c) = Math.DivRem(i, input.Channels);
                var pixels = input.Height * input.Width;
                return Enumerable.Range(0, pixels).Sum(p => x[(((n * pixels) + p) * input.Channels) + c]) / pixels;
            }),
            Dense op => Clip(Map(output, i =>
            {
                var (n, o) = Math.DivRem(i, output.Channels);
                return (third?[o] ?? 0) + Enumerable.Range(0, input.Channels).Sum(c => x[(n * input.Channels) + c] * second[(o * input.Channels) + c]);
            }), op.Activation),
            Add op => Clip(Map(output, i => x[i] + second[Broadcast(node, i)]), op.Activation),
            Multiply op => Clip(Map(output, i => x[i] * second[Broadcast(node, i)]), op.Activation),
            Clip op => Map(output, i => Math.Min(Math.Max(x[i], op.Min), op.Max)),
            Sigmoid => Map(output, i => 1 / (1 + Math.Exp(-x[i]))),
            Softmax op => Map(output, i =>
            {
                var row = i / output.Channels * output.Channels;
                return Math.Exp(op.Beta * x[i]) / Enumerable.Range(row, output.Channels).Sum(j => Math.Exp(op.Beta * x[j]));
            }),
            BatchNorm op => Normalize(node, op, x, values),
            Dropout op => Drop(node, op, x),
            Concat op => Join(node, op, values),
            Pad op => Map(output, i => PaddedFrom(op, input, output, i) is { } place ? x[place] : 0),
            Reshape => x,
            _ => throw new NotSupportedException(node.Operator.Kind),
        };
    }

    private double[] Map(Shape output, Func<int, double> element) =>
        [.. Enumerable.Range(0, output.ElementCount * batch).Select(element)];

    private static double[] Clip(double[] values, Activation activation)
    {
        var (min, max) = activation.Range();
        return [.. values.Select(v => Math.Min(Math.Max(v, min), max))];
    }

    private static int Broadcast(Node node, int i)
    {
        var (first, second) = (node.Inputs[0].Shape, node.Inputs[1].Shape);
        if (first.Equals(second))
            return i;
        var sample = i / first.ElementCount;
        return (node.Inputs[1].IsConstant ? 0 : sample * first.Channels) + (i % first.Channels);
    }

    /// <summary>The element of the input that element <paramref name="i"/> of a padded output copies; null on the border.</summary>
    private static int? PaddedFrom(Pad op, Shape input, Shape output, int i)
    {
        var c = i % output.Channels;
        var x = (i / output.Channels % output.Width) - op.Padding.Left;
        var y = (i / output.Channels / output.Width % output.Height) - op.Padding.Top;
        var n = i / output.Channels / output.Width / output.Height;
        return y < 0 || y >= input.Height || x < 0 || x >= input.Width ? null : (((((n * input.Height) + y) * input.Width) + x) * input.Channels) + c;
    }

    private double[] Window(
        double[] x, Shape input, Shape output, Size2D kernel, Size2D stride, Padding padding, Size2D dilation,
        Func<int, List<(int Ky, int Kx, int Pixel)>, double> element)
    {
        _ = x;
        return Map(output, i =>
        {
            var o = i % output.Channels;
            var ox = i / output.Channels % output.Width;
            var oy = i / output.Channels / output.Width % output.Height;
            var n = i / output.Channels / output.Width / output.Height;
            var taps = new List<(int, int, int)>();
            for (var ky = 0; ky < kernel.Height; ky++)
            {
                for (var kx = 0; kx < kernel.Width; kx++)
                {
                    var iy = (oy * stride.Height) + (ky * dilation.Height) - padding.Top;
                    var ix = (ox * stride.Width) + (kx * dilation.Width) - padding.Left;
                    if (iy >= 0 && iy < input.Height && ix >= 0 && ix < input.Width)
                        taps.Add((ky, kx, ((((n * input.Height) + iy) * input.Width) + ix) * input.Channels));
                }
            }

            return element(o, taps);
        });
    }

    private double[] Normalize(Node node, BatchNorm op, double[] x, Dictionary<Value, double[]> values)
    {
        var channels = node.Output.Shape.Channels;
        var (gamma, beta) = (values[node.Inputs[1]], values[node.Inputs[2]]);
        var mean = new double[channels];
        var variance = new double[channels];
        var pixels = x.Length / channels;
        for (var i = 0; i < x.Length; i++)
            mean[i % channels] += x[i] / pixels;
        for (var i = 0; i < x.Length; i++)
            variance[i % channels] += (x[i] - mean[i % channels]) * (x[i] - mean[i % channels]) / pixels;
        BatchStatistics[node.Output] = (mean, variance);
        return Map(node.Output.Shape, i =>
            (gamma[i % channels] * (x[i] - mean[i % channels]) / Math.Sqrt(variance[i % channels] + op.Epsilon)) + beta[i % channels]);
    }

    // The mask is what the kernel makes of ones.
    private unsafe double[] Drop(Node node, Dropout op, double[] x)
    {
        using var ones = new NativeBuffer(x.Length * sizeof(float));
        new Span<float>(ones.Floats, x.Length).Fill(1);
        var view = new TensorView(ones.Address, ElementType.Float32, new Shape(batch, x.Length / batch), x.Length / batch, null);
        var kernel = new DropoutKernel(node.Name, op, new StepState { Seed = seed, Step = step }, view, view);
        for (var chunk = 0; chunk < kernel.Chunks; chunk++)
            kernel.Run(chunk, null);
        return Map(node.Output.Shape, i => x[i] * ones.Floats[i]);
    }

    private double[] Join(Node node, Concat op, Dictionary<Value, double[]> values)
    {
        var result = new double[node.Output.Shape.ElementCount * batch];
        foreach (var (input, from, to, count) in Parts(node, op))
            Array.Copy(values[input], from, result, to, count);
        return result;
    }

    /// <summary>The pieces of a concatenation: input, its first element, the output's first element, elements.</summary>
    private IEnumerable<(Value Input, int From, int To, int Count)> Parts(Node node, Concat op)
    {
        var inner = node.Output.Shape.Skip(op.Axis + 1).Aggregate(1, (a, b) => a * b);
        var outer = node.Output.Shape.Take(op.Axis).Aggregate(1, (a, b) => a * b) * batch;
        var offset = 0;
        foreach (var input in node.Inputs)
        {
            var part = input.Shape[op.Axis] * inner;
            for (var o = 0; o < outer; o++)
                yield return (input, o * part, (o * node.Output.Shape[op.Axis] * inner) + offset, part);
            offset += part;
        }
    }
}
