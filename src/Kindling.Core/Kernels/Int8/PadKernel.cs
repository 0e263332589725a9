using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Kernels.Int8;

/// <summary>PAD: rows and columns of the zero point around an image. One chunk is one output row.</summary>
internal sealed unsafe class PadKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly Padding _padding;

    public PadKernel(KernelContext context, Pad op)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _padding = op.Padding;
    }

    /// <inheritdoc/>
    public override int Chunks => _output.Shape.Batch * _output.Shape.Height;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = _output.Shape.Channels;
        var bytes = _output.Shape.Width * channels;
        var output = new Span<byte>(_output.UBytes + ((long)chunk * bytes), bytes);
        output.Fill(unchecked((byte)_output.Quantization!.ZeroPoint));
        var image = chunk / _output.Shape.Height;
        var row = (chunk % _output.Shape.Height) - _padding.Top;
        if (row < 0 || row >= _input.Shape.Height)
            return;
        var inputBytes = _input.Shape.Width * channels;
        var input = _input.UBytes + ((((long)image * _input.Shape.Height) + row) * inputBytes);
        new ReadOnlySpan<byte>(input, inputBytes).CopyTo(output[(_padding.Left * channels)..]);
    }
}
