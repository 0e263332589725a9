using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>y = min(max(scale x + shift, min), max).</summary>
internal sealed unsafe class BatchNormApplyKernel(
    ChannelPattern layout, float min, float max, TensorView x, TensorView table, TensorView y) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => layout.Chunks;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var numbers = new BatchNormTable(table);
        var scale = numbers.Scale;
        var shift = numbers.Shift;
        var (low, high) = (Vector512.Create(min), Vector512.Create(max));
        var length = layout.Length;
        var last = layout.First(chunk + 1);
        var i = layout.First(chunk);
        for (; i <= last - length; i += length)
        {
            for (var v = 0; v < length; v += ChannelPattern.Vector)
            {
                var value = Vector512.FusedMultiplyAdd(Vector512.Load(x.Floats + i + v), Vector512.Load(scale + v), Vector512.Load(shift + v));
                Vector512.Min(Vector512.Max(value, low), high).Store(y.Floats + i + v);
            }
        }

        for (var v = 0; i < last; i++, v++)
            y.Floats[i] = MathF.Min(MathF.Max(MathF.FusedMultiplyAdd(x.Floats[i], scale[v], shift[v]), min), max);
    }
}
