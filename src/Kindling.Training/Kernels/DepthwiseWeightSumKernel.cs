using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Joins partial sums <c>[parts, taps + 1, C]</c> in order; the last row is the bias.</summary>
internal sealed unsafe class DepthwiseWeightSumKernel(TensorView partials, TensorView? weights, TensorView? bias) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => 1;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (parts, rows, channels) = (partials.Shape[0], partials.Shape[1], partials.Shape[2]);
        for (var row = 0; row < rows; row++)
        {
            var target = row < rows - 1 ? weights : bias;
            if (target is not { } view)
                continue;
            var sum = new Span<float>(view.Floats + (row < rows - 1 ? row * channels : 0), channels);
            sum.Clear();
            for (var p = 0; p < parts; p++)
                Rows.Add(sum, new ReadOnlySpan<float>(partials.Floats + (((nint)p * rows) + row) * channels, channels), sum);
        }
    }
}
