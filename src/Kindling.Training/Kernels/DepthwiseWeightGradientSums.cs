using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Kernels.Float.Simd;
using Kindling.Tensors;

namespace Kindling.Training.Kernels;

/// <summary>
/// Sums of x times dy for each tap and channel, and of dy for the bias, of images that hold every tap (<see cref="PaddedImages"/>). Sums are
/// <c>[taps + 1, C]</c>.
/// </summary>
internal sealed unsafe class DepthwiseWeightGradientSums(ConvWindow window, Shape padded, TensorView dy, bool hasBias) : IWeightGradientSums
{
    private readonly int _channels = padded.Channels;
    private readonly int _rowFloats = padded.Width * padded.Channels;

    /// <inheritdoc/>
    public int ScratchBytes => 0;

    /// <inheritdoc/>
    public int SumFloats => ((window.Rows * window.Columns) + 1) * _channels;

    /// <inheritdoc/>
    public void Add(float* x, float* gradient, float* sums, byte* scratch)
    {
        var output = dy.Shape;
        var loop = new ProductLoop
        {
            Rows = output.Height,
            Columns = output.Width,
            KernelRows = window.Rows,
            KernelColumns = window.Columns,
            RowStep = (nint)window.Stride.Height * _rowFloats,
            KernelRowStep = (nint)window.Dilation.Height * _rowFloats,
            PixelStep = window.Stride.Width * _channels,
            TapStep = window.Dilation.Width * _channels,
            GradientStep = dy.PixelStride,
            Channels = _channels,
            Sums = sums,
        };
        var bias = new SumLoop
        {
            Count = output.Height * output.Width,
            GradientStep = dy.PixelStride,
            Sums = sums + (window.Rows * window.Columns * _channels),
        };
        for (var n = 0; n < output.Batch; n++)
        {
            loop.X = x + ((nint)n * padded.Height * _rowFloats);
            loop.Gradient = bias.Gradient = gradient + ((nint)n * bias.Count * dy.PixelStride);
            ChannelLoops.Run(loop, _channels, VectorWidths.Best);
            if (hasBias)
                ChannelLoops.Run(bias, _channels, VectorWidths.Best);
        }
    }

    /// <summary>Sums += x times gradient over one image, kernel row by kernel row. Two sets of sums, because each addition waits for the one before it.</summary>
    private struct ProductLoop : IChannelLoop
    {
        public int Rows;
        public int Columns;
        public int KernelRows;
        public int KernelColumns;
        public float* X;
        public nint RowStep;
        public nint KernelRowStep;
        public nint PixelStep;
        public nint TapStep;
        public float* Gradient;
        public nint GradientStep;
        public int Channels;
        public float* Sums;

        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                for (var ky = 0; ky < KernelRows; ky++)
                {
                    var x = X + c + (ky * KernelRowStep);
                    var sums = Sums + ((nint)ky * KernelColumns * Channels) + c;
                    var kx = 0;
                    for (; kx <= KernelColumns - 5; kx += 5)
                        Five<TSimd, TVector>(x + (kx * TapStep), Gradient + c, sums + ((nint)kx * Channels));
                    for (; kx <= KernelColumns - 3; kx += 3)
                        Three<TSimd, TVector>(x + (kx * TapStep), Gradient + c, sums + ((nint)kx * Channels));
                    for (; kx < KernelColumns; kx++)
                        One<TSimd, TVector>(x + (kx * TapStep), Gradient + c, sums + ((nint)kx * Channels));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Five<TSimd, TVector>(float* x, float* gradient, float* sums)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var (tap, pixel, step, channels) = (TapStep, PixelStep, GradientStep, Channels);
            var a0 = TSimd.Load(sums);
            var a1 = TSimd.Load(sums + channels);
            var a2 = TSimd.Load(sums + (2 * channels));
            var a3 = TSimd.Load(sums + (3 * channels));
            var a4 = TSimd.Load(sums + (4 * channels));
            var zero = TSimd.Broadcast(0);
            var (b0, b1, b2, b3, b4) = (zero, zero, zero, zero, zero);
            for (var row = Rows; row > 0; row--, x += RowStep)
            {
                var input = x;
                var i = Columns;
                for (; i >= 2; i -= 2, input += 2 * pixel, gradient += 2 * step)
                {
                    var g = TSimd.Load(gradient);
                    a0 = TSimd.MultiplyAdd(TSimd.Load(input), g, a0);
                    a1 = TSimd.MultiplyAdd(TSimd.Load(input + tap), g, a1);
                    a2 = TSimd.MultiplyAdd(TSimd.Load(input + (2 * tap)), g, a2);
                    a3 = TSimd.MultiplyAdd(TSimd.Load(input + (3 * tap)), g, a3);
                    a4 = TSimd.MultiplyAdd(TSimd.Load(input + (4 * tap)), g, a4);
                    var next = input + pixel;
                    var h = TSimd.Load(gradient + step);
                    b0 = TSimd.MultiplyAdd(TSimd.Load(next), h, b0);
                    b1 = TSimd.MultiplyAdd(TSimd.Load(next + tap), h, b1);
                    b2 = TSimd.MultiplyAdd(TSimd.Load(next + (2 * tap)), h, b2);
                    b3 = TSimd.MultiplyAdd(TSimd.Load(next + (3 * tap)), h, b3);
                    b4 = TSimd.MultiplyAdd(TSimd.Load(next + (4 * tap)), h, b4);
                }

                if (i > 0)
                {
                    var g = TSimd.Load(gradient);
                    a0 = TSimd.MultiplyAdd(TSimd.Load(input), g, a0);
                    a1 = TSimd.MultiplyAdd(TSimd.Load(input + tap), g, a1);
                    a2 = TSimd.MultiplyAdd(TSimd.Load(input + (2 * tap)), g, a2);
                    a3 = TSimd.MultiplyAdd(TSimd.Load(input + (3 * tap)), g, a3);
                    a4 = TSimd.MultiplyAdd(TSimd.Load(input + (4 * tap)), g, a4);
                    gradient += step;
                }
            }

            TSimd.Store(TSimd.Add(a0, b0), sums);
            TSimd.Store(TSimd.Add(a1, b1), sums + channels);
            TSimd.Store(TSimd.Add(a2, b2), sums + (2 * channels));
            TSimd.Store(TSimd.Add(a3, b3), sums + (3 * channels));
            TSimd.Store(TSimd.Add(a4, b4), sums + (4 * channels));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Three<TSimd, TVector>(float* x, float* gradient, float* sums)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var (tap, pixel, step, channels) = (TapStep, PixelStep, GradientStep, Channels);
            var a0 = TSimd.Load(sums);
            var a1 = TSimd.Load(sums + channels);
            var a2 = TSimd.Load(sums + (2 * channels));
            var zero = TSimd.Broadcast(0);
            var (b0, b1, b2) = (zero, zero, zero);
            for (var row = Rows; row > 0; row--, x += RowStep)
            {
                var input = x;
                var i = Columns;
                for (; i >= 2; i -= 2, input += 2 * pixel, gradient += 2 * step)
                {
                    var g = TSimd.Load(gradient);
                    a0 = TSimd.MultiplyAdd(TSimd.Load(input), g, a0);
                    a1 = TSimd.MultiplyAdd(TSimd.Load(input + tap), g, a1);
                    a2 = TSimd.MultiplyAdd(TSimd.Load(input + (2 * tap)), g, a2);
                    var next = input + pixel;
                    var h = TSimd.Load(gradient + step);
                    b0 = TSimd.MultiplyAdd(TSimd.Load(next), h, b0);
                    b1 = TSimd.MultiplyAdd(TSimd.Load(next + tap), h, b1);
                    b2 = TSimd.MultiplyAdd(TSimd.Load(next + (2 * tap)), h, b2);
                }

                if (i > 0)
                {
                    var g = TSimd.Load(gradient);
                    a0 = TSimd.MultiplyAdd(TSimd.Load(input), g, a0);
                    a1 = TSimd.MultiplyAdd(TSimd.Load(input + tap), g, a1);
                    a2 = TSimd.MultiplyAdd(TSimd.Load(input + (2 * tap)), g, a2);
                    gradient += step;
                }
            }

            TSimd.Store(TSimd.Add(a0, b0), sums);
            TSimd.Store(TSimd.Add(a1, b1), sums + channels);
            TSimd.Store(TSimd.Add(a2, b2), sums + (2 * channels));
        }

        private readonly void One<TSimd, TVector>(float* x, float* gradient, float* sums)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var sum = TSimd.Load(sums);
            for (var row = Rows; row > 0; row--, x += RowStep)
            {
                var input = x;
                for (var i = Columns; i > 0; i--, input += PixelStep, gradient += GradientStep)
                    sum = TSimd.MultiplyAdd(TSimd.Load(input), TSimd.Load(gradient), sum);
            }

            TSimd.Store(sum, sums);
        }
    }

    /// <summary>Sums += gradient over one image.</summary>
    private struct SumLoop : IChannelLoop
    {
        public int Count;
        public float* Gradient;
        public nint GradientStep;
        public float* Sums;

        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                var even = TSimd.Load(Sums + c);
                var odd = TSimd.Broadcast(0);
                var gradient = Gradient + c;
                var i = Count;
                for (; i >= 2; i -= 2, gradient += 2 * GradientStep)
                {
                    even = TSimd.Add(even, TSimd.Load(gradient));
                    odd = TSimd.Add(odd, TSimd.Load(gradient + GradientStep));
                }

                if (i > 0)
                    even = TSimd.Add(even, TSimd.Load(gradient));
                TSimd.Store(TSimd.Add(even, odd), Sums + c);
            }
        }
    }
}
