using Kindling.Execution;

namespace Kindling.Kernels.Int8;

/// <summary>FULLY_CONNECTED, scalar. One chunk is one sample.</summary>
internal sealed unsafe class DenseReferenceKernel : Kernel
{
    private readonly TensorView _input;
    private readonly TensorView _weights;
    private readonly TensorView _output;
    private readonly ConvolutionParameters _parameters;

    public DenseReferenceKernel(KernelContext context, ConvolutionParameters parameters)
    {
        _input = context.Inputs[0];
        _weights = context.Inputs[1];
        _output = context.Output;
        _parameters = parameters;
    }

    /// <inheritdoc/>
    public override int Chunks => _output.Shape.Batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var features = _input.Shape.Channels;
        var input = _input.SBytes + ((long)chunk * _input.PixelStride);
        var output = _output.SBytes + ((long)chunk * _output.PixelStride);
        for (var channel = 0; channel < _output.Shape.Channels; channel++)
        {
            var weights = _weights.SBytes + ((long)channel * features);
            var sum = _parameters.Bias[channel];
            for (var i = 0; i < features; i++)
                sum += (input[i] - _parameters.InputZeroPoint) * weights[i];
            output[channel] = _parameters.Output(sum, channel);
        }
    }
}
