using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Kernels.Float;

/// <summary>exp(beta (x - max)) over its sum for each pixel, in place or not.</summary>
internal sealed unsafe class SoftmaxFloat(TensorView input, TensorView output, float beta) : Kernel
{
    private readonly TensorView _input = input;
    private readonly TensorView _output = output;
    private readonly WorkSplit _split = WorkSplit.By(output.Shape.Pixels, output.Shape.Channels, 1 << 13);

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var last = _split.First(chunk + 1);
        for (var p = _split.First(chunk); p < last; p++)
            RunPixel(_input.Floats + ((nint)p * _input.PixelStride), _output.Floats + ((nint)p * _output.PixelStride), _output.Shape.Channels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPixel(float* x, float* y, int channels)
    {
        var factor = Vector512.Create(beta);
        var largest = Vector512.Create(float.NegativeInfinity);
        for (var c = 0; c < channels; c += Exponential.Step)
        {
            // Lanes past the end repeat the first element: harmless for the maximum, whatever the sign of beta.
            largest = Vector512.Max(largest, factor * Exponential.Load(x + c, channels - c, x[0]));
        }

        var max = float.NegativeInfinity;
        for (var i = 0; i < Exponential.Step; i++)
            max = MathF.Max(max, largest[i]);
        var shift = Vector512.Create(max);
        var sum = Vector512<float>.Zero;
        for (var c = 0; c < channels; c += Exponential.Step)
        {
            var power = Vector512.Exp((factor * Exponential.Load(x + c, channels - c, 0)) - shift);
            Exponential.Store(power, y + c, channels - c);
            sum += Exponential.Load(y + c, channels - c, 0);
        }

        var scale = Vector512.Create(1 / Vector512.Sum(sum));
        for (var c = 0; c < channels; c += Exponential.Step)
            Exponential.Store(scale * Exponential.Load(y + c, channels - c, 0), y + c, channels - c);
    }
}
