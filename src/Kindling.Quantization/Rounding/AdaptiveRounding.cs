namespace Kindling.Quantization.Rounding;

/// <summary>
/// Rounds each weight of an output channel up or down so that the channel's output error is smallest, not the weights' own:
/// the quadratic problem of AdaRound (Nagel and others 2020, equations 9 to 14, with the inputs the int8 network really sees), on
/// sampled patches. Where that paper relaxes the problem and runs Adam, weights are flipped one at a time as long as a flip lowers the
/// error, which takes milliseconds a layer at 8 bits and depends on nothing random.
/// </summary>
internal static class AdaptiveRounding
{
    private const int MostSweeps = 20;

    // Keeps weights near their own values along directions in which the sampled patches hardly vary.
    private const float Damping = 0.01f;

    /// <summary>Rounds one channel.</summary>
    /// <param name="weights">The float weights.</param>
    /// <param name="scale">Their step.</param>
    /// <param name="moments">Mean of <c>x x'</c> over patches x of the int8 network, <c>[n, n]</c>.</param>
    /// <param name="target">Mean of <c>x y</c> with y the output the float network has there.</param>
    /// <param name="rounded">In: the nearest steps. Out: the steps chosen, each the one below or above its weight.</param>
    public static void Solve(ReadOnlySpan<float> weights, float scale, ReadOnlySpan<float> moments, ReadOnlySpan<float> target, Span<sbyte> rounded)
    {
        var n = weights.Length;
        float trace = 0;
        for (var k = 0; k < n; k++)
            trace += moments[(k * n) + k];
        var ridge = Damping * trace / n;
        if (!(ridge > 0))
            return;

        // Half the derivative of the error by each weight.
        var slope = new float[n];
        for (var k = 0; k < n; k++)
            Rows.AddScaled(rounded[k] * scale, moments.Slice(k * n, n), slope);
        for (var k = 0; k < n; k++)
            slope[k] += (ridge * ((rounded[k] * scale) - weights[k])) - target[k];

        for (var sweep = 0; sweep < MostSweeps; sweep++)
        {
            var flips = 0;
            for (var k = 0; k < n; k++)
            {
                var other = Other(weights[k] / (double)scale, rounded[k]);
                if (other == rounded[k])
                    continue;
                var change = (other - rounded[k]) * scale;
                if (change * ((2 * slope[k]) + (change * (moments[(k * n) + k] + ridge))) >= 0)
                    continue;
                rounded[k] = other;
                Rows.AddScaled(change, moments.Slice(k * n, n), slope);
                slope[k] += ridge * change;
                flips++;
            }

            if (flips == 0)
                break;
        }
    }

    // The other of the two steps around a weight; the same where the weight is a step or the other is out of range.
    private static sbyte Other(double steps, sbyte chosen)
    {
        var below = Math.Floor(steps);
        var other = chosen > below ? below : below + 1;
        return below == steps || Math.Abs(other) > 127 ? chosen : (sbyte)other;
    }
}
