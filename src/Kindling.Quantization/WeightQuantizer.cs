using Kindling.Graphs;
using Kindling.Tensors;
using Parameters = Kindling.Tensors.Quantization;

namespace Kindling.Quantization;

/// <summary>Weights to int8 from -127 to 127 around zero, biases to int32 at input scale times weight scale.</summary>
internal static class WeightQuantizer
{
    // Half of int32, as TFLite's converter: room is left for the sum of products.
    private const double LargestBias = int.MaxValue / 2;

    /// <summary>Improves a layer's constants.</summary>
    /// <param name="scales">The step of each output channel's weights.</param>
    /// <param name="rounded">The weights, rounded to the nearest step.</param>
    /// <param name="bias">The float biases.</param>
    public delegate void LayerTuning(ReadOnlySpan<float> scales, Span<sbyte> rounded, Span<float> bias);

    /// <summary>Quantizes one layer's constants.</summary>
    /// <param name="weights">Float weights.</param>
    /// <param name="channelAxis">The dimension that runs along the output channels.</param>
    /// <param name="perChannel">One scale a channel instead of one for all.</param>
    /// <param name="bias">One float a channel.</param>
    /// <param name="biasName">Name of the int32 bias.</param>
    /// <param name="inputScale">Scale of the activations the layer reads.</param>
    /// <param name="zeroPointError">Steps by which the input's zero point lies below its exact place; the bias makes up for it.</param>
    /// <param name="tuning">Improves on nearest rounding and on the bias; null for neither.</param>
    public static (Value Weights, Value Bias) Quantize(
        Value weights, int channelAxis, bool perChannel, ReadOnlySpan<float> bias, string biasName, float inputScale, double zeroPointError = 0,
        LayerTuning? tuning = null)
    {
        var source = weights.Constant!.AsSpan<float>();
        var channels = bias.Length;
        var inner = weights.Shape.Skip(channelAxis + 1).Aggregate(1, (product, d) => product * d);
        var scales = Scales(source, inner, bias, inputScale, perChannel);

        var quantized = new Tensor(ElementType.Int8, weights.Shape);
        var target = quantized.AsSpan<sbyte>();
        for (var i = 0; i < source.Length; i++)
            target[i] = (sbyte)Math.Clamp(AffineQuantization.Round(source[i] / (double)scales[perChannel ? i / inner % channels : 0]), -127, 127);
        var corrected = bias.ToArray();
        tuning?.Invoke([.. Enumerable.Range(0, channels).Select(c => scales[perChannel ? c : 0])], target, corrected);
        var sums = new long[channels];
        for (var i = 0; i < target.Length; i++)
            sums[i / inner % channels] += target[i];

        var integers = new Tensor(ElementType.Int32, new Shape(channels));
        var biases = integers.AsSpan<int>();
        var biasScales = Array.ConvertAll(scales, s => inputScale * s);
        for (var c = 0; c < channels; c++)
        {
            var exact = (corrected[c] / (double)biasScales[perChannel ? c : 0]) - (zeroPointError * sums[c]);
            biases[c] = (int)Math.Clamp(AffineQuantization.Round(exact), int.MinValue, int.MaxValue);
        }

        return (new Value(weights.Name, quantized, Symmetric(scales, channelAxis)), new Value(biasName, integers, Symmetric(biasScales, 0)));
    }

    private static Parameters Symmetric(float[] scales, int axis) => new(scales, new int[scales.Length], axis);

    private static float[] Scales(ReadOnlySpan<float> weights, int inner, ReadOnlySpan<float> bias, float inputScale, bool perChannel)
    {
        var channels = bias.Length;
        var largest = new double[perChannel ? channels : 1];
        for (var i = 0; i < weights.Length; i++)
        {
            ref var most = ref largest[perChannel ? i / inner % channels : 0];
            most = Math.Max(most, Math.Abs(weights[i]));
        }

        // A channel of zeros borrows the layer's scale, so that its bias keeps its resolution.
        var layer = largest.Max();
        var scales = new float[largest.Length];
        for (var c = 0; c < scales.Length; c++)
            scales[c] = (float)((largest[c] > 0 ? largest[c] : layer > 0 ? layer : 1) / 127);

        // A bias that would not fit makes its channel's step coarser.
        for (var c = 0; c < channels; c++)
        {
            ref var scale = ref scales[perChannel ? c : 0];
            scale = Math.Max(scale, (float)(Math.Abs(bias[c]) / (LargestBias * inputScale)));
        }

        return scales;
    }
}
