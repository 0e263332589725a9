using Kindling.Execution;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>MEAN over height and width: the sum, with the division folded into the requantization. One chunk is one image.</summary>
internal sealed unsafe class MeanKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly int _pixels;
    private readonly Requantizer _factor;

    public MeanKernel(KernelContext context)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _pixels = _input.Shape.Height * _input.Shape.Width;
        _factor = context.Arithmetic == Int8Arithmetic.Xnnpack
            ? Requantizer.Single(XnnpackArithmetic.MeanScale(_input.Quantization!, _output.Quantization!, _pixels))
            : Requantizer.Fixed(QuantizedArithmetic.MeanMultiplier(_input.Quantization!, _output.Quantization!, _pixels));
    }

    /// <inheritdoc/>
    public override int Chunks => _input.Shape.Batch;

    /// <inheritdoc/>
    public override int ScratchBytes => _input.Shape.Channels * sizeof(int);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = _input.Shape.Channels;
        var sums = new Span<int>(scratch, channels);
        sums.Fill(-_pixels * _input.Quantization!.ZeroPoint);
        var pixel = _input.SBytes + ((long)chunk * _pixels * _input.PixelStride);
        for (var p = 0; p < _pixels; p++, pixel += _input.PixelStride)
        {
            for (var c = 0; c < channels; c++)
                sums[c] += pixel[c];
        }

        var output = _output.SBytes + ((long)chunk * _output.PixelStride);
        for (var c = 0; c < channels; c++)
            output[c] = (sbyte)Math.Clamp(_factor.Apply(sums[c]) + _output.Quantization!.ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
    }
}
