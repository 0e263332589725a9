using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>Fills the table of a normalization whose parameters are not trained: moving statistics, and a gradient that is only scaled.</summary>
internal sealed unsafe class BatchNormFrozenKernel(
    BatchNorm op, ChannelPattern layout, TensorView gamma, TensorView beta, TensorView movingMean, TensorView movingVariance, TensorView table) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => 1;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = layout.Channels;
        var numbers = new BatchNormTable(table);
        for (var c = 0; c < channels; c++)
        {
            var scale = gamma.Floats[c] / MathF.Sqrt(movingVariance.Floats[c] + op.Epsilon);
            numbers.Set(numbers.Scale, c, channels, scale);
            numbers.Set(numbers.Shift, c, channels, beta.Floats[c] - (movingMean.Floats[c] * scale));
            numbers.Set(numbers.GradientFactor, c, channels, scale);
            numbers.Set(numbers.InputFactor, c, channels, 0);
            numbers.Set(numbers.Summand, c, channels, 0);
        }
    }
}
