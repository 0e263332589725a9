using Kindling.Execution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Training.Kernels;

/// <summary>Partial sums of x times dy for each tap and channel, and of dy for the bias, over some of the images.</summary>
internal sealed unsafe class DepthwiseWeightGradientKernel(ConvWindow window, TensorView x, TensorView dy, TensorView partials) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => partials.Shape[0];

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = x.Shape.Channels;
        var taps = window.Rows * window.Columns;
        var sums = partials.Floats + ((nint)chunk * (taps + 1) * channels);
        new Span<float>(sums, (taps + 1) * channels).Clear();
        var images = x.Shape.Batch;
        var last = (int)((long)images * (chunk + 1) / Chunks);
        for (var image = (int)((long)images * chunk / Chunks); image < last; image++)
        {
            for (var oy = 0; oy < dy.Shape.Height; oy++)
                AddRow(image, oy, sums);
        }
    }

    private void AddRow(int image, int oy, float* sums)
    {
        var (input, output) = (x.Shape, dy.Shape);
        var channels = input.Channels;
        var gradient = dy.Floats + ((((nint)image * output.Height) + oy) * output.Width * dy.PixelStride);
        for (var ky = 0; ky < window.Rows; ky++)
        {
            var y = (oy * window.Stride.Height) + (ky * window.Dilation.Height) - window.Padding.Top;
            if (y < 0 || y >= input.Height)
                continue;
            var row = x.Floats + ((((nint)image * input.Height) + y) * input.Width * x.PixelStride);
            for (var kx = 0; kx < window.Columns; kx++)
            {
                var tap = kx * window.Dilation.Width;
                var (first, count) = ConvWindow.Inside(tap, window.Padding.Left, window.Stride.Width, input.Width, output.Width);
                var loop = new ProductLoop
                {
                    Count = count,
                    X = row + ((nint)((first * window.Stride.Width) + tap - window.Padding.Left) * x.PixelStride),
                    XStep = (nint)window.Stride.Width * x.PixelStride,
                    Gradient = gradient + ((nint)first * dy.PixelStride),
                    GradientStep = dy.PixelStride,
                    Sums = sums + (((ky * window.Columns) + kx) * channels),
                };
                ChannelLoops.Run(loop, channels, VectorWidths.Best);
            }
        }

        var bias = new SumLoop
        {
            Count = output.Width,
            Gradient = gradient,
            GradientStep = dy.PixelStride,
            Sums = sums + (window.Rows * window.Columns * channels),
        };
        ChannelLoops.Run(bias, channels, VectorWidths.Best);
    }

    /// <summary>Sums += x times gradient over a row of pixels.</summary>
    private struct ProductLoop : IChannelLoop
    {
        public int Count;
        public float* X;
        public nint XStep;
        public float* Gradient;
        public nint GradientStep;
        public float* Sums;

        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                // Four sums, because each addition waits for the one before it.
                var sum0 = TSimd.Load(Sums + c);
                var sum1 = TSimd.Broadcast(0);
                var sum2 = sum1;
                var sum3 = sum1;
                var input = X + c;
                var gradient = Gradient + c;
                var i = Count;
                for (; i >= 4; i -= 4, input += 4 * XStep, gradient += 4 * GradientStep)
                {
                    sum0 = TSimd.MultiplyAdd(TSimd.Load(input), TSimd.Load(gradient), sum0);
                    sum1 = TSimd.MultiplyAdd(TSimd.Load(input + XStep), TSimd.Load(gradient + GradientStep), sum1);
                    sum2 = TSimd.MultiplyAdd(TSimd.Load(input + (2 * XStep)), TSimd.Load(gradient + (2 * GradientStep)), sum2);
                    sum3 = TSimd.MultiplyAdd(TSimd.Load(input + (3 * XStep)), TSimd.Load(gradient + (3 * GradientStep)), sum3);
                }

                for (; i > 0; i--, input += XStep, gradient += GradientStep)
                    sum0 = TSimd.MultiplyAdd(TSimd.Load(input), TSimd.Load(gradient), sum0);
                TSimd.Store(TSimd.Add(TSimd.Add(sum0, sum1), TSimd.Add(sum2, sum3)), Sums + c);
            }
        }
    }

    /// <summary>Sums += gradient over a row of pixels.</summary>
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
                var sum = TSimd.Load(Sums + c);
                var gradient = Gradient + c;
                for (var i = Count; i > 0; i--, gradient += GradientStep)
                    sum = TSimd.Add(sum, TSimd.Load(gradient));
                TSimd.Store(sum, Sums + c);
            }
        }
    }
}
