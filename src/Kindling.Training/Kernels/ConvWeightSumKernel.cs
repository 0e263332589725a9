using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Joins partial weight gradients in order and turns them from taps by outputs into <c>[O, KH, KW, I]</c>. A chunk is 16 output channels.</summary>
internal sealed unsafe class ConvWeightSumKernel(WeightGradientLayout layout, TensorView partials, TensorView? weights, TensorView? bias) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => layout.Columns / 16;

    /// <inheritdoc/>
    public override int ScratchBytes => 16 * sizeof(float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var lanes = (float*)scratch;
        var column = chunk * 16;
        var outputs = Math.Min(16, layout.OutputChannels - column);
        var channels = layout.TapChannels;
        nint taps = layout.Taps * channels;
        if (weights is { } w)
        {
            for (var tap = 0; tap < layout.Taps; tap++)
            {
                var target = w.Floats + (column * taps) + (tap * channels);
                for (var c = 0; c < channels; c++, target++)
                {
                    Sum((tap * layout.RowsOfTap) + c, column).Store(lanes);
                    for (var o = 0; o < outputs; o++)
                        target[o * taps] = lanes[o];
                }
            }
        }

        if (bias is { } b)
        {
            Sum(layout.Rows, column).Store(lanes);
            new ReadOnlySpan<float>(lanes, outputs).CopyTo(new Span<float>(b.Floats + column, outputs));
        }
    }

    private Vector512<float> Sum(int row, int column)
    {
        nint step = (layout.Rows + 1) * layout.Columns;
        var source = partials.Floats + ((nint)row * layout.Columns) + column;
        var sum = Vector512.Load(source);
        for (var part = 1; part < layout.Parts; part++)
        {
            source += step;
            sum += Vector512.Load(source);
        }

        return sum;
    }
}
