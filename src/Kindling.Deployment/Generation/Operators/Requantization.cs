using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>The factors that bring a layer's sums to its output's scale.</summary>
internal static class Requantization
{
    /// <summary>The scales of int8 weights, whose zero points must be 0.</summary>
    public static IReadOnlyList<float> WeightScales(NetworkSource source, Value weights)
    {
        if (!weights.IsConstant)
            throw source.Fail($"weights {weights.Name} are not constant");
        if (weights.Type != ElementType.Int8 || weights.Quantization is not { } quantization)
            throw source.Fail($"weights {weights.Name} are {weights.Type.Name()}; C is generated for int8 graphs, so quantize the model first");
        if (quantization.ZeroPoints.Any(z => z != 0))
            throw source.Fail($"weights {weights.Name} are not symmetric (a zero point is not 0)");
        return quantization.Scales;
    }

    /// <summary>One factor a channel.</summary>
    public static IReadOnlyList<QuantizedMultiplier> PerChannel(
        NetworkSource source, float input, IReadOnlyList<float> weights, float output, int channels)
    {
        if (weights.Count != 1 && weights.Count != channels)
            throw source.Fail($"{weights.Count} weight scales for {channels} channels");
        return [.. Enumerable.Range(0, channels).Select(c => QuantizedMultiplier.From((double)input * weights[weights.Count == 1 ? 0 : c] / output))];
    }
}
