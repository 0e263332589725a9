using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>SOFTMAX as LiteRT computes it beside XNNPACK: exponentials and their sum in single precision, rounded to the nearest 256th. One chunk is one row.</summary>
internal sealed unsafe class SoftmaxSingleKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;

    // What a difference of -i to the row's maximum contributes.
    private readonly float[] _exponentials = new float[256];

    public SoftmaxSingleKernel(KernelContext context, Softmax op)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        for (var i = 0; i < _exponentials.Length; i++)
            _exponentials[i] = MathF.Exp(-op.Beta * _input.Quantization!.Scale * i);
    }

    /// <inheritdoc/>
    public override int Chunks => _output.Shape.Pixels;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var classes = _output.Shape.Channels;
        var input = _input.SBytes + ((long)chunk * _input.PixelStride);
        var output = _output.SBytes + ((long)chunk * _output.PixelStride);
        var largest = sbyte.MinValue;
        for (var c = 0; c < classes; c++)
            largest = Math.Max(largest, input[c]);
        var sum = 0f;
        for (var c = 0; c < classes; c++)
            sum += _exponentials[largest - input[c]];
        var factor = 256 / sum;
        for (var c = 0; c < classes; c++)
            output[c] = (sbyte)Math.Min((int)MathF.Floor((_exponentials[largest - input[c]] * factor) + 0.5f) - 128, sbyte.MaxValue);
    }
}
