using Kindling.Execution;
using Kindling.Training.Planning;

namespace Kindling.Training.QuantizationAware;

/// <summary>Puts the weights that are seen in place of the trained ones while a step runs.</summary>
internal sealed unsafe class StraightThroughWeights(ParameterStore parameters, SeenWeights seen) : IDisposable
{
    private readonly NativeBuffer _kept = new((long)parameters.TrainedFloats * sizeof(float));

    /// <summary>Keeps the weights and shows the others.</summary>
    public void Show()
    {
        new ReadOnlySpan<float>(parameters.Values, parameters.TrainedFloats).CopyTo(new Span<float>(_kept.Floats, parameters.TrainedFloats));
        foreach (var segment in parameters.Segments)
            seen(segment.Value, new Span<float>(parameters.Values + segment.Offset, segment.Value.Shape.ElementCount));
    }

    /// <summary>Brings the weights back.</summary>
    public void Restore() =>
        new ReadOnlySpan<float>(_kept.Floats, parameters.TrainedFloats).CopyTo(new Span<float>(parameters.Values, parameters.TrainedFloats));

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();
}
