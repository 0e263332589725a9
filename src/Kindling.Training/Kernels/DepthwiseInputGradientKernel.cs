using Kindling.Execution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Training.Kernels;

/// <summary>The gradient at the input of a depthwise convolution of any stride, row by row, taps added in order. A chunk is an image.</summary>
internal sealed unsafe class DepthwiseInputGradientKernel(ConvWindow window, TensorView dy, TensorView weights, TensorView dx) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => dx.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (input, output) = (dx.Shape, dy.Shape);
        for (var y = 0; y < input.Height; y++)
        {
            var row = dx.Floats + ((((nint)chunk * input.Height) + y) * input.Width * dx.PixelStride);
            for (var x = 0; x < input.Width; x++)
                new Span<float>(row + ((nint)x * dx.PixelStride), input.Channels).Clear();
            for (var ky = 0; ky < window.Rows; ky++)
            {
                var above = y + window.Padding.Top - (ky * window.Dilation.Height);
                var (oy, rest) = Math.DivRem(above, window.Stride.Height);
                if (above < 0 || rest != 0 || oy >= output.Height)
                    continue;
                for (var kx = 0; kx < window.Columns; kx++)
                    AddTap(row, dy.Floats + ((((nint)chunk * output.Height) + oy) * output.Width * dy.PixelStride), ky, kx);
            }
        }
    }

    private void AddTap(float* target, float* gradient, int ky, int kx)
    {
        var tap = kx * window.Dilation.Width;
        var (first, count) = ConvWindow.Inside(tap, window.Padding.Left, window.Stride.Width, dx.Shape.Width, dy.Shape.Width);
        var loop = new TapLoop
        {
            Count = count,
            Weights = weights.Floats + (((ky * window.Columns) + kx) * dx.Shape.Channels),
            Gradient = gradient + ((nint)first * dy.PixelStride),
            GradientStep = dy.PixelStride,
            Target = target + ((nint)((first * window.Stride.Width) + tap - window.Padding.Left) * dx.PixelStride),
            TargetStep = (nint)window.Stride.Width * dx.PixelStride,
        };
        ChannelLoops.Run(loop, dx.Shape.Channels, VectorWidths.Best);
    }

    /// <summary>Adds one tap's share to a row of pixels.</summary>
    private struct TapLoop : IChannelLoop
    {
        public int Count;
        public float* Weights;
        public float* Gradient;
        public nint GradientStep;
        public float* Target;
        public nint TargetStep;

        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                var weight = TSimd.Load(Weights + c);
                var gradient = Gradient + c;
                var target = Target + c;
                for (var i = Count; i > 0; i--, gradient += GradientStep, target += TargetStep)
                    TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(gradient), weight, TSimd.Load(target)), target);
            }
        }
    }
}
