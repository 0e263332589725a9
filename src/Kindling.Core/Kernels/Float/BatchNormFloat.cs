using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>Batch normalization with the moving statistics: one factor and one summand a channel, worked out when prepared.</summary>
internal sealed unsafe class BatchNormFloat : Kernel, IDisposable
{
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly BatchNorm _op;
    private readonly FloatSource[] _parameters;
    private readonly VectorWidth _width;
    private readonly NativeBuffer _factors;
    private readonly NativeBuffer _summands;
    private readonly WorkSplit _split;

    public BatchNormFloat(KernelContext context, VectorWidth width)
    {
        _input = context.Inputs[0];
        _output = context.Output;
        _op = (BatchNorm)context.Node.Operator;
        _parameters = [.. context.Node.Inputs.Skip(1).Select(ConvWeights.SourceOf)];
        _width = width;
        var channels = _output.Shape.Channels;
        _factors = new NativeBuffer((long)channels * sizeof(float));
        _summands = new NativeBuffer((long)channels * sizeof(float));
        _split = WorkSplit.By(_output.Shape.Pixels, channels, 1 << 15);
    }

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Prepare()
    {
        var gamma = _parameters[0]();
        var beta = _parameters[1]();
        var mean = _parameters[2]();
        var variance = _parameters[3]();
        for (var c = 0; c < _output.Shape.Channels; c++)
        {
            var factor = gamma[c] / Math.Sqrt((double)variance[c] + _op.Epsilon);
            _factors.Floats[c] = (float)factor;
            _summands.Floats[c] = (float)(beta[c] - (mean[c] * factor));
        }
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = _output.Shape.Channels;
        var last = _split.First(chunk + 1);
        for (var p = _split.First(chunk); p < last; p++)
        {
            var loop = new AffineLoop
            {
                Input = _input.Floats + ((nint)p * _input.PixelStride),
                Output = _output.Floats + ((nint)p * _output.PixelStride),
                Factors = _factors.Floats,
                Summands = _summands.Floats,
            };
            ChannelLoops.Run(loop, channels, _width);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _factors.Dispose();
        _summands.Dispose();
    }

    private struct AffineLoop : IChannelLoop
    {
        public float* Input;
        public float* Output;
        public float* Factors;
        public float* Summands;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            for (var c = from; c < to; c += TSimd.Count)
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(Input + c), TSimd.Load(Factors + c), TSimd.Load(Summands + c)), Output + c);
        }
    }
}
