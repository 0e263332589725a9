using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Formats.Weights;

/// <summary>
/// Rewrites the first convolution for another preparation of the pixels. The donor saw <c>v = s p + o</c> of a pixel, the graph sees <c>u = t p + q</c>;
/// so <c>v = (s / t) u + o - (s / t) q</c>: the factor goes into the kernel, the summand into the bias (exact but for padding, which stays zero).
/// </summary>
internal static class InputAdaptation
{
    /// <summary>The sum of the kernel over its colours, for a gray input: what the network would answer to a photo without colour.</summary>
    public static Tensor Gray(Tensor kernel)
    {
        var s = kernel.Shape;
        var result = new Tensor(ElementType.Float32, new Shape(s[0], s[1], s[2], 1));
        var from = kernel.AsSpan<float>();
        var to = result.AsSpan<float>();
        for (var i = 0; i < to.Length; i++)
        {
            for (var c = 0; c < s[3]; c++)
                to[i] += from[(i * s[3]) + c];
        }

        return result;
    }

    /// <summary>The kernel <c>[O, H, W, 3]</c> for the graph's input (its colours in the graph's order, 3 of them even for gray), and what its bias changes by.</summary>
    public static (Tensor Kernel, float[] Bias) Rescale(Tensor kernel, Preprocessing donor, Preprocessing graph)
    {
        var s = kernel.Shape;
        var channels = s[3];
        var result = new Tensor(ElementType.Float32, s);
        var bias = new float[s[0]];
        var from = kernel.AsSpan<float>();
        var to = result.AsSpan<float>();
        var taps = s[1] * s[2];
        for (var i = 0; i < s[0] * taps; i++)
        {
            for (var c = 0; c < channels; c++)
            {
                var target = donor.Color == ColorMode.Bgr != (graph.Color == ColorMode.Bgr) && channels == 3 ? 2 - c : c;
                var own = graph.Channels == 1 ? 0 : target;
                var factor = donor.ScaleOf(c) / graph.ScaleOf(own);
                var weight = from[(i * channels) + c];
                to[(i * channels) + target] = weight * factor;
                bias[i / taps] += weight * (donor.OffsetOf(c) - (factor * graph.OffsetOf(own)));
            }
        }

        return (result, bias);
    }

    /// <summary>True when both describe the same numbers.</summary>
    public static bool IsSame(Preprocessing a, Preprocessing b) =>
        a.Color == b.Color && Enumerable.Range(0, a.Channels).All(c => a.ScaleOf(c) == b.ScaleOf(c) && a.OffsetOf(c) == b.OffsetOf(c));
}
