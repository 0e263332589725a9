using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Kernels.Int8;

/// <summary>
/// CONCATENATION: inputs copied one behind the other; an input with another scale than the output's is requantized as QUANTIZE does.
/// One chunk is one input.
/// </summary>
internal sealed unsafe class ConcatKernel : Kernel
{
    private readonly IReadOnlyList<TensorView> _inputs;
    private readonly TensorView _output;
    private readonly byte[]?[] _tables;
    private readonly int _axis;

    public ConcatKernel(KernelContext context, Concat op)
    {
        _inputs = context.Inputs;
        _output = context.Output;
        _axis = op.Axis;
        _tables = [.. _inputs.Select(i => Table(context, i, op.Activation))];
    }

    /// <inheritdoc/>
    public override int Chunks => _inputs.Count;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var input = _inputs[chunk];
        var isAlongChannels = _axis == _output.Shape.Rank - 1;
        var inner = 1;
        for (var d = _axis + 1; d < _output.Shape.Rank; d++)
            inner *= _output.Shape[d];
        var offset = 0;
        for (var i = 0; i < chunk; i++)
            offset += _inputs[i].Shape[_axis] * inner;
        var bytes = input.Shape[_axis] * inner;
        var blocks = bytes == 0 ? 0 : input.Shape.ElementCount / bytes;
        // Gaps between pixels are only possible where pixels are what is joined.
        var inputStep = isAlongChannels ? input.PixelStride : bytes;
        var outputStep = isAlongChannels ? _output.PixelStride : _output.Shape[_axis] * inner;
        for (var block = 0; block < blocks; block++)
        {
            var from = new ReadOnlySpan<byte>(input.UBytes + ((long)block * inputStep), bytes);
            var to = new Span<byte>(_output.UBytes + ((long)block * outputStep) + offset, bytes);
            if (_tables[chunk] is not { } table)
            {
                from.CopyTo(to);
                continue;
            }

            for (var i = 0; i < from.Length; i++)
                to[i] = table[from[i]];
        }
    }

    private static byte[]? Table(KernelContext context, TensorView input, Activation activation)
    {
        if (activation == Activation.None && Equals(input.Quantization, context.Output.Quantization))
            return null;
        Int8Kernels.RequireQuantization(context);
        var range = QuantizedArithmetic.ActivationRange(activation, context.Output.Quantization!, context.Output.Type);
        return LookupKernel.RequantizeTable(input, context.Output, range);
    }
}
