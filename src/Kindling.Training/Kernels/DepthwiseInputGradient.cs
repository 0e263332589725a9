using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Kernels.Float;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Training.Kernels;

/// <summary>
/// The gradient at the input of a depthwise convolution of any stride. The pixels of a row that lie the same way between the window's positions are taken
/// together: they all gather from the same taps.
/// </summary>
internal sealed unsafe class DepthwiseInputGradient(ConvWindow window, TensorView dy, TensorView weights, TensorView dx, bool adds) : IImageKernel
{
    /// <inheritdoc/>
    public int ScratchBytes => window.Rows * window.Columns * (sizeof(nint) + sizeof(float*));

    /// <inheritdoc/>
    public void Prepare()
    {
    }

    /// <inheritdoc/>
    public void Run(float* input, float* output, byte* scratch)
    {
        var (height, width) = (dx.Shape.Height, dx.Shape.Width);
        var loop = new TapLoop
        {
            Offsets = (nint*)scratch,
            Weights = (float**)(scratch + (window.Rows * window.Columns * sizeof(nint))),
            GradientStep = dy.PixelStride,
            TargetStep = (nint)window.Stride.Width * dx.PixelStride,
            Adds = adds,
        };
        var image = (nint)dy.Shape.Height * dy.Shape.Width * dy.PixelStride;
        for (var n = 0; n < dx.Shape.Batch; n++, input += image)
        {
            for (var y = 0; y < height; y++, output += (nint)width * dx.PixelStride)
            {
                for (var x = 0; x < Math.Min(width, window.Stride.Width); x++)
                    RunPhase(input, output, y, x, ref loop);
            }
        }
    }

    /// <summary>The pixels <paramref name="x"/>, x + stride, x + 2 stride, … of a row.</summary>
    private void RunPhase(float* gradient, float* row, int y, int x, ref TapLoop loop)
    {
        var stride = window.Stride.Width;
        var pixels = (dx.Shape.Width - x + stride - 1) / stride;
        var (lowest, highest) = (int.MaxValue, int.MinValue);
        for (var kx = 0; kx < window.Columns; kx++)
        {
            var (shift, rest) = Math.DivRem(x + window.Padding.Left - (kx * window.Dilation.Width), stride);
            if (rest != 0)
                continue;
            lowest = Math.Min(lowest, shift);
            highest = Math.Max(highest, shift);
        }

        var first = lowest == int.MaxValue ? 0 : Math.Clamp(-lowest, 0, pixels);
        var end = lowest == int.MaxValue ? pixels : Math.Clamp(dy.Shape.Width - highest, first, pixels);
        loop.Gradient = gradient;
        for (var i = 0; i < first; i++)
            RunPixels(row, y, x, i, 1, ref loop);
        if (end > first)
            RunPixels(row, y, x, first, end - first, ref loop);
        for (var i = end; i < pixels; i++)
            RunPixels(row, y, x, i, 1, ref loop);
    }

    private void RunPixels(float* row, int y, int x, int first, int count, ref TapLoop loop)
    {
        var (output, channels) = (dy.Shape, dx.Shape.Channels);
        loop.Taps = 0;
        for (var ky = 0; ky < window.Rows; ky++)
        {
            var (oy, rest) = Math.DivRem(y + window.Padding.Top - (ky * window.Dilation.Height), window.Stride.Height);
            if (rest != 0 || oy < 0 || oy >= output.Height)
                continue;
            for (var kx = 0; kx < window.Columns; kx++)
            {
                var (shift, left) = Math.DivRem(x + window.Padding.Left - (kx * window.Dilation.Width), window.Stride.Width);
                var ox = first + shift;
                if (left != 0 || ox < 0 || ox >= output.Width)
                    continue;
                loop.Offsets[loop.Taps] = (((nint)oy * output.Width) + ox) * dy.PixelStride;
                loop.Weights[loop.Taps++] = weights.Floats + (((ky * window.Columns) + kx) * channels);
            }
        }

        loop.Count = count;
        loop.Target = row + ((nint)(x + (first * window.Stride.Width)) * dx.PixelStride);
        ChannelLoops.Run(loop, channels, VectorWidths.Best);
    }

    /// <summary>Pixels that gather from the same taps.</summary>
    private struct TapLoop : IChannelLoop
    {
        public int Count;
        public int Taps;
        public nint* Offsets;
        public float** Weights;
        public float* Gradient;
        public nint GradientStep;
        public float* Target;
        public nint TargetStep;
        public bool Adds;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var (step, targetStep, taps) = (GradientStep, TargetStep, Taps);
            for (var c = from; c < to; c += TSimd.Count)
            {
                var target = Target + c;
                var gradient = Gradient + c;
                var i = Count;
                for (; i >= 4; i -= 4, gradient += 4 * step, target += 4 * targetStep)
                {
                    var sum0 = Adds ? TSimd.Load(target) : TSimd.Broadcast(0);
                    var sum1 = Adds ? TSimd.Load(target + targetStep) : sum0;
                    var sum2 = Adds ? TSimd.Load(target + (2 * targetStep)) : sum0;
                    var sum3 = Adds ? TSimd.Load(target + (3 * targetStep)) : sum0;
                    for (var t = 0; t < taps; t++)
                    {
                        var w = TSimd.Load(Weights[t] + c);
                        var g = gradient + Offsets[t];
                        sum0 = TSimd.MultiplyAdd(TSimd.Load(g), w, sum0);
                        sum1 = TSimd.MultiplyAdd(TSimd.Load(g + step), w, sum1);
                        sum2 = TSimd.MultiplyAdd(TSimd.Load(g + (2 * step)), w, sum2);
                        sum3 = TSimd.MultiplyAdd(TSimd.Load(g + (3 * step)), w, sum3);
                    }

                    TSimd.Store(sum0, target);
                    TSimd.Store(sum1, target + targetStep);
                    TSimd.Store(sum2, target + (2 * targetStep));
                    TSimd.Store(sum3, target + (3 * targetStep));
                }

                for (; i > 0; i--, gradient += step, target += targetStep)
                {
                    var sum = Adds ? TSimd.Load(target) : TSimd.Broadcast(0);
                    for (var t = 0; t < taps; t++)
                        sum = TSimd.MultiplyAdd(TSimd.Load(gradient + Offsets[t]), TSimd.Load(Weights[t] + c), sum);
                    TSimd.Store(sum, target);
                }
            }
        }
    }
}
