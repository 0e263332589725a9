using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>Checks of constant int8 weights.</summary>
internal static class WeightQuantization
{
    /// <summary>The scales of weights: one, or one for each of <paramref name="channels"/> channels; zero points must be 0.</summary>
    public static Quantization Of(NetworkSource source, Value weights, int channels)
    {
        if (!weights.IsConstant)
            throw source.Fail($"weights {weights.Name} are not constant");
        if (weights.Type != ElementType.Int8 || weights.Quantization is not { } quantization)
            throw source.Fail($"weights {weights.Name} are {weights.Type.Name()}; C is generated for int8 graphs, so quantize the model first");
        if (quantization.ZeroPoints.Any(z => z != 0))
            throw source.Fail($"weights {weights.Name} are not symmetric (a zero point is not 0)");
        if (quantization.IsPerChannel && quantization.Scales.Count != channels)
            throw source.Fail($"weights {weights.Name} have {quantization.Scales.Count} scales for {channels} channels");
        return quantization;
    }
}
