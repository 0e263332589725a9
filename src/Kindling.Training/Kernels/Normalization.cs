using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>A normalized activation that is not stored: readers compute it from the convolution's output.</summary>
/// <param name="Pattern">How channels meet vectors.</param>
/// <param name="Table">The normalization's numbers, see <see cref="BatchNormTable"/>.</param>
/// <param name="Min">Smallest value after the clipping.</param>
/// <param name="Max">Largest value after the clipping.</param>
internal sealed unsafe record Normalization(ChannelPattern Pattern, TensorView Table, float Min, float Max)
{
    /// <summary>Normalizes some pixels.</summary>
    public void Apply(float* x, float* y, int count) => NormalizationSweeps.Apply(x, y, count, new BatchNormTable(Table), Pattern.Length, Min, Max);

    /// <summary>The gradient at the convolution's output from that at the normalized activation.</summary>
    public void InputGradient(float* x, float* dy, float* dx, int count) =>
        NormalizationSweeps.InputGradient(x, dy, dx, count, new BatchNormTable(Table), Pattern.Length, Min, Max);

    /// <summary>Adds up the gradient, see <see cref="NormalizationSweeps.GradientSums"/>.</summary>
    public void GradientSums(float* x, float* dy, int count, float* sums, float* scratch) => NormalizationSweeps.GradientSums(
        x, dy, count, Pattern, new BatchNormTable(Table), Min, Max, sums, sums + Pattern.Channels, scratch);
}
