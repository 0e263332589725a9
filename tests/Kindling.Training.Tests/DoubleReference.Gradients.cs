using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Training.Tests;

/// <summary>The gradients of the reference, node by node backwards with plain loops.</summary>
internal sealed partial class DoubleReference
{
    /// <summary>The gradient of the mean loss at every value of the graph, constants and input included.</summary>
    public Dictionary<Value, double[]> Gradients(double[] images, int[] labels)
    {
        var values = Forward(images);
        var gradients = values.ToDictionary(v => v.Key, v => new double[v.Value.Length]);
        var (scores, gradient) = (values[graph.Outputs[0]], gradients[graph.Outputs[0]]);
        var classes = graph.Outputs[0].Shape.Channels;
        if (graph.Nodes[^1].Operator is not Softmax)
            throw new NotSupportedException($"{graph.Name} does not end in a softmax");
        for (var i = 0; i < scores.Length; i++)
            gradient[i] = -((i % classes == labels[i / classes] ? 1 - smoothing : 0) + (smoothing / classes)) / scores[i] / batch;
        foreach (var node in graph.Nodes.Reverse())
            Backward(node, values, gradients);
        return gradients;
    }

    private void Backward(Node node, Dictionary<Value, double[]> values, Dictionary<Value, double[]> gradients)
    {
        var (x, y, dx, dy) = (values[node.Inputs[0]], values[node.Output], gradients[node.Inputs[0]], gradients[node.Output]);
        var (input, output) = (node.Inputs[0].Shape, node.Output.Shape);
        var second = node.Inputs.Count > 1 ? values[node.Inputs[1]] : [];
        var dSecond = node.Inputs.Count > 1 ? gradients[node.Inputs[1]] : [];
        var dBias = node.Inputs.Count > 2 ? gradients[node.Inputs[2]] : null;
        switch (node.Operator)
        {
            case Conv2D op:
                dy = Unclipped(dy, y, op.Activation);
                AddBias(dy, dBias);
                ForEachTap(input, output, new(node.Inputs[1].Shape[1], node.Inputs[1].Shape[2]), op.Stride, op.Padding, op.Dilation, (to, from, tap, taps) =>
                {
                    for (var o = 0; o < output.Channels; o++)
                    {
                        for (int c = 0, w = ((o * taps) + tap) * input.Channels; c < input.Channels; c++, w++)
                        {
                            dx[from + c] += dy[to + o] * second[w];
                            dSecond[w] += dy[to + o] * x[from + c];
                        }
                    }
                });
                break;
            case DepthwiseConv2D op:
                dy = Unclipped(dy, y, op.Activation);
                AddBias(dy, dBias);
                ForEachTap(input, output, new(node.Inputs[1].Shape[0], node.Inputs[1].Shape[1]), op.Stride, op.Padding, op.Dilation, (to, from, tap, taps) =>
                {
                    for (int c = 0, w = tap * input.Channels; c < input.Channels; c++, w++)
                    {
                        dx[from + c] += dy[to + c] * second[w];
                        dSecond[w] += dy[to + c] * x[from + c];
                    }
                });
                break;
            case MaxPool2D { Activation: Activation.None } op:
                var isGiven = new bool[y.Length];
                ForEachTap(input, output, op.Kernel, op.Stride, op.Padding, 1, (to, from, tap, taps) =>
                {
                    for (var c = 0; c < input.Channels; c++)
                    {
                        if (isGiven[to + c] || x[from + c] != y[to + c])
                            continue;
                        isGiven[to + c] = true;
                        dx[from + c] += dy[to + c];
                    }
                });
                break;
            case AveragePool2D op:
                dy = Unclipped(dy, y, op.Activation);
                var counts = new int[y.Length];
                ForEachTap(input, output, op.Kernel, op.Stride, op.Padding, 1, (to, from, tap, taps) => counts[to]++);
                ForEachTap(input, output, op.Kernel, op.Stride, op.Padding, 1, (to, from, tap, taps) =>
                {
                    for (var c = 0; c < input.Channels; c++)
                        dx[from + c] += dy[to + c] / (op.CountIncludesPadding ? taps : counts[to]);
                });
                break;
            case GlobalAveragePool:
                var pixels = input.Height * input.Width;
                for (var i = 0; i < dx.Length; i++)
                    dx[i] += dy[(i / input.Channels / pixels * input.Channels) + (i % input.Channels)] / pixels;
                break;
            case Dense op:
                dy = Unclipped(dy, y, op.Activation);
                AddBias(dy, dBias);
                for (var i = 0; i < dy.Length; i++)
                {
                    var (n, o) = Math.DivRem(i, output.Channels);
                    for (var c = 0; c < input.Channels; c++)
                    {
                        dx[(n * input.Channels) + c] += dy[i] * second[(o * input.Channels) + c];
                        dSecond[(o * input.Channels) + c] += dy[i] * x[(n * input.Channels) + c];
                    }
                }

                break;
            case Add op:
                dy = Unclipped(dy, y, op.Activation);
                for (var i = 0; i < dy.Length; i++)
                {
                    dx[i] += dy[i];
                    dSecond[Broadcast(node, i)] += dy[i];
                }

                break;
            case Multiply op:
                dy = Unclipped(dy, y, op.Activation);
                for (var i = 0; i < dy.Length; i++)
                {
                    dx[i] += dy[i] * second[Broadcast(node, i)];
                    dSecond[Broadcast(node, i)] += dy[i] * x[i];
                }

                break;
            case Clip op:
                AddEach(i => y[i] > op.Min && y[i] < op.Max ? dy[i] : 0);
                break;
            case Sigmoid:
                AddEach(i => dy[i] * y[i] * (1 - y[i]));
                break;
            case Softmax op:
                for (var first = 0; first < y.Length; first += output.Channels)
                {
                    var mean = Enumerable.Range(first, output.Channels).Sum(j => dy[j] * y[j]);
                    for (var i = first; i < first + output.Channels; i++)
                        dx[i] += op.Beta * y[i] * (dy[i] - mean);
                }

                break;
            case BatchNorm op:
                BackwardNormalization(node, op, values, gradients);
                break;
            case Dropout op:
                var kept = Drop(node, op, dy);
                AddEach(i => kept[i]);
                break;
            case Concat op:
                foreach (var (part, from, to, count) in Parts(node, op))
                {
                    for (var i = 0; i < count; i++)
                        gradients[part][from + i] += dy[to + i];
                }

                break;
            case Pad op:
                for (var i = 0; i < dy.Length; i++)
                {
                    if (PaddedFrom(op, input, output, i) is { } place)
                        dx[place] += dy[i];
                }

                break;
            case Reshape:
                AddEach(i => dy[i]);
                break;
            default:
                throw new NotSupportedException(node.Operator.Kind);
        }

        void AddEach(Func<int, double> gradient)
        {
            for (var i = 0; i < dx.Length; i++)
                dx[i] += gradient(i);
        }
    }

    private void BackwardNormalization(Node node, BatchNorm op, Dictionary<Value, double[]> values, Dictionary<Value, double[]> gradients)
    {
        var (x, dx, dy) = (values[node.Inputs[0]], gradients[node.Inputs[0]], gradients[node.Output]);
        var (gamma, dGamma, dBeta) = (values[node.Inputs[1]], gradients[node.Inputs[1]], gradients[node.Inputs[2]]);
        var (mean, variance) = BatchStatistics[node.Output];
        var channels = mean.Length;
        var pixels = x.Length / channels;
        double[] deviation = [.. variance.Select(v => Math.Sqrt(v + op.Epsilon))];
        double[] sums = new double[channels], products = new double[channels];
        for (var i = 0; i < x.Length; i++)
        {
            sums[i % channels] += dy[i];
            products[i % channels] += dy[i] * Normal(i);
        }

        for (var i = 0; i < x.Length; i++)
            dx[i] += gamma[i % channels] / deviation[i % channels] * (dy[i] - ((sums[i % channels] + (Normal(i) * products[i % channels])) / pixels));
        for (var c = 0; c < channels; c++)
        {
            dGamma[c] += products[c];
            dBeta[c] += sums[c];
        }

        double Normal(int i) => (x[i] - mean[i % channels]) / deviation[i % channels];
    }

    private static double[] Unclipped(double[] gradient, double[] values, Activation activation)
    {
        var (min, max) = activation.Range();
        return [.. gradient.Select((g, i) => values[i] > min && values[i] < max ? g : 0)];
    }

    private static void AddBias(double[] gradient, double[]? bias)
    {
        for (var i = 0; i < gradient.Length && bias is not null; i++)
            bias[i % bias.Length] += gradient[i];
    }

    /// <summary>Calls for each pixel of the output and each tap inside the input: first element of the output's pixel, of the input's, tap, taps of the window.</summary>
    private void ForEachTap(
        Shape input, Shape output, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, Action<int, int, int, int> visit)
    {
        var taps = kernel.Height * kernel.Width;
        for (var pixel = 0; pixel < batch * output.Height * output.Width; pixel++)
        {
            var (n, y, x) = (pixel / output.Width / output.Height, pixel / output.Width % output.Height, pixel % output.Width);
            for (var tap = 0; tap < taps; tap++)
            {
                var iy = (y * stride.Height) + (tap / kernel.Width * dilation.Height) - padding.Top;
                var ix = (x * stride.Width) + (tap % kernel.Width * dilation.Width) - padding.Left;
                if (iy >= 0 && iy < input.Height && ix >= 0 && ix < input.Width)
                    visit(pixel * output.Channels, ((((n * input.Height) + iy) * input.Width) + ix) * input.Channels, tap, taps);
            }
        }
    }
}
