using Kindling.Execution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>The mean over the image: samples times blocks of channels. The input may have gaps between pixels.</summary>
internal sealed unsafe class GlobalAveragePoolFloat : Kernel
{
    private const double LeastLoads = 1 << 17;
    private const int ChannelQuantum = 64;
    private readonly TensorView _input;
    private readonly TensorView _output;
    private readonly VectorWidth _width;
    private readonly WorkSplit _samples;
    private readonly WorkSplit _channels;

    public GlobalAveragePoolFloat(TensorView input, TensorView output, VectorWidth width)
    {
        _input = input;
        _output = output;
        _width = width;
        var shape = input.Shape;
        double pixels = shape.Height * shape.Width;
        _samples = WorkSplit.By(shape.Batch, pixels * shape.Channels, LeastLoads);
        _channels = _samples.Chunks > 1
            ? new WorkSplit(shape.Channels, 1, ChannelQuantum)
            : WorkSplit.By(shape.Channels, pixels * shape.Batch, LeastLoads, ChannelQuantum);
    }

    /// <inheritdoc/>
    public override int Chunks => _samples.Chunks * _channels.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (samples, block) = Math.DivRem(chunk, _channels.Chunks);
        var pixels = _input.Shape.Height * _input.Shape.Width;
        var channels = _input.Shape.Channels;
        var loop = new PoolLoop<SumPooling>
        {
            Scale = 1f / pixels,
            Min = float.NegativeInfinity,
            Max = float.PositiveInfinity,
            Rows = 1,
            Columns = pixels,
            ColumnStep = _input.PixelStride,
        };
        var last = _samples.First(samples + 1);
        for (var n = _samples.First(samples); n < last; n++)
        {
            loop.Input = _input.Floats + ((nint)n * pixels * _input.PixelStride);
            loop.Output = _output.Floats + ((nint)n * _output.PixelStride);
            ChannelLoops.Run(loop, _channels.First(block), Math.Min(channels, _channels.First(block + 1)), _width);
        }
    }
}
