using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Float;

/// <summary>The image with rows and columns of zeros around it.</summary>
internal sealed unsafe class PadFloat(TensorView input, TensorView output, Padding padding) : Kernel
{
    private readonly TensorView _input = input;
    private readonly TensorView _output = output;
    private readonly WorkSplit _split = WorkSplit.By(
        output.Shape.Batch * output.Shape.Height, (double)output.Shape.Width * output.Shape.Channels, 1 << 15);

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = _output.Shape.Channels;
        var last = _split.First(chunk + 1);
        for (var line = _split.First(chunk); line < last; line++)
        {
            var (image, row) = Math.DivRem(line, _output.Shape.Height);
            var target = _output.Floats + ((nint)line * _output.Shape.Width * channels);
            var y = row - padding.Top;
            if (y < 0 || y >= _input.Shape.Height)
            {
                new Span<float>(target, _output.Shape.Width * channels).Clear();
                continue;
            }

            var inside = _input.Shape.Width;
            new Span<float>(target, padding.Left * channels).Clear();
            target += (nint)padding.Left * channels;
            var source = _input.Floats + ((((nint)image * _input.Shape.Height) + y) * inside * _input.PixelStride);
            PixelCopy.Copy(source, _input.PixelStride, target, channels, inside, channels);
            new Span<float>(target + ((nint)inside * channels), padding.Right * channels).Clear();
        }
    }
}
