using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>dx = a dz + b x + c for each channel, where dz is the gradient that passes the clipping; may work in place of dy.</summary>
internal sealed unsafe class BatchNormInputGradientKernel(
    ChannelPattern layout, float min, float max, TensorView x, TensorView dy, TensorView table, TensorView dx) : Kernel
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
        var a = numbers.GradientFactor;
        var b = numbers.InputFactor;
        var c = numbers.Summand;
        var (low, high) = (Vector512.Create(min), Vector512.Create(max));
        var length = layout.Length;
        var last = layout.First(chunk + 1);
        var i = layout.First(chunk);
        for (; i <= last - length; i += length)
        {
            for (var v = 0; v < length; v += ChannelPattern.Vector)
            {
                var input = Vector512.Load(x.Floats + i + v);
                var value = Vector512.FusedMultiplyAdd(input, Vector512.Load(scale + v), Vector512.Load(shift + v));
                var gradient = Vector512.Load(dy.Floats + i + v) & Vector512.GreaterThan(value, low) & Vector512.LessThan(value, high);
                var rest = Vector512.FusedMultiplyAdd(input, Vector512.Load(b + v), Vector512.Load(c + v));
                Vector512.FusedMultiplyAdd(gradient, Vector512.Load(a + v), rest).Store(dx.Floats + i + v);
            }
        }

        for (var v = 0; i < last; i++, v++)
        {
            var value = MathF.FusedMultiplyAdd(x.Floats[i], scale[v], shift[v]);
            var gradient = value > min && value < max ? dy.Floats[i] : 0;
            dx.Floats[i] = MathF.FusedMultiplyAdd(gradient, a[v], MathF.FusedMultiplyAdd(x.Floats[i], b[v], c[v]));
        }
    }
}
