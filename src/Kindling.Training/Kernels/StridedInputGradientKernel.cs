using Kindling.Execution;
using Kindling.Kernels.Float;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Training.Kernels;

/// <summary>
/// The gradient at the input of any convolution <c>[O, KH, KW, I]</c> or fully connected layer <c>[O, I]</c>, tap by tap with vectors over
/// the input's channels. A chunk is an image.
/// </summary>
internal sealed unsafe class StridedInputGradientKernel(ConvWindow window, TensorView dy, TensorView weights, TensorView dx, bool adds = false)
    : Kernel, IImageKernel
{
    /// <inheritdoc/>
    public override int Chunks => dx.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch) => Run(dy.Floats, dx.Floats, chunk);

    /// <inheritdoc/>
    public void Run(float* input, float* output, byte* scratch)
    {
        for (var image = 0; image < dx.Shape.Batch; image++)
            Run(input, output, image);
    }

    private void Run(float* gradient, float* images, int image)
    {
        var (input, output) = (dx.Shape, dy.Shape);
        var target = images + ((nint)image * input.Height * input.Width * dx.PixelStride);
        for (var p = 0; p < input.Height * input.Width && !adds; p++)
            new Span<float>(target + ((nint)p * dx.PixelStride), input.Channels).Clear();
        for (var oy = 0; oy < output.Height; oy++)
        {
            for (var ox = 0; ox < output.Width; ox++)
                Spread(gradient + (((((nint)image * output.Height) + oy) * output.Width) + ox) * dy.PixelStride, target, oy, ox);
        }
    }

    private void Spread(float* gradient, float* image, int oy, int ox)
    {
        var input = dx.Shape;
        for (var ky = 0; ky < window.Rows; ky++)
        {
            var y = (oy * window.Stride.Height) + (ky * window.Dilation.Height) - window.Padding.Top;
            for (var kx = 0; kx < window.Columns && y >= 0 && y < input.Height; kx++)
            {
                var x = (ox * window.Stride.Width) + (kx * window.Dilation.Width) - window.Padding.Left;
                if (x < 0 || x >= input.Width)
                    continue;
                var sum = new OuterSum
                {
                    Count = dy.Shape.Channels,
                    Factors = gradient,
                    Rows = weights.Floats + (((ky * window.Columns) + kx) * input.Channels),
                    RowStep = (nint)window.Rows * window.Columns * input.Channels,
                    Target = image + ((((nint)y * input.Width) + x) * dx.PixelStride),
                };
                ChannelLoops.Run(sum, input.Channels, VectorWidths.Best);
            }
        }
    }

    /// <summary>Target += sum over rows of factor times row.</summary>
    private struct OuterSum : IChannelLoop
    {
        public int Count;
        public float* Factors;
        public float* Rows;
        public nint RowStep;
        public float* Target;

        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                var sum = TSimd.Load(Target + c);
                var row = Rows + c;
                for (var o = 0; o < Count; o++, row += RowStep)
                    sum = TSimd.MultiplyAdd(TSimd.Broadcast(Factors[o]), TSimd.Load(row), sum);
                TSimd.Store(sum, Target + c);
            }
        }
    }
}
