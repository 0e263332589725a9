using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>What a pooling does with the values under its window.</summary>
internal interface IPooling
{
    /// <summary>Takes one more value in.</summary>
    static abstract TVector Combine<TSimd, TVector>(TVector sum, TVector value)
        where TSimd : ISimd<TVector>
        where TVector : struct;
}

/// <summary>Keeps the largest value.</summary>
internal readonly struct LargestPooling : IPooling
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Combine<TSimd, TVector>(TVector sum, TVector value)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.Max(sum, value);
}

/// <summary>Adds the values up.</summary>
internal readonly struct SumPooling : IPooling
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Combine<TSimd, TVector>(TVector sum, TVector value)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.Add(sum, value);
}

/// <summary>How a pooling slides.</summary>
/// <param name="Kernel">The window.</param>
/// <param name="Stride">Its step.</param>
/// <param name="Padding">Rows and columns around the image.</param>
/// <param name="Activation">Applied to the result.</param>
/// <param name="CountIncludesPadding">For means: divide by the whole window.</param>
internal readonly record struct PoolSettings(
    Size2D Kernel, Size2D Stride, Padding Padding, Activation Activation = Activation.None, bool CountIncludesPadding = false);

/// <summary>Max and average pooling: vectors over channels, the window cut to the image for each output pixel. Views may have gaps.</summary>
internal sealed unsafe class PoolFloat<TPooling>(TensorView input, TensorView output, PoolSettings settings, VectorWidth width) : Kernel
    where TPooling : struct, IPooling
{
    private const double LeastLoads = 1 << 17;
    private readonly TensorView _input = input;
    private readonly TensorView _output = output;
    private readonly PoolSettings _settings = settings;
    private readonly VectorWidth _width = width;
    private readonly WorkSplit _split = WorkSplit.By(
        output.Shape.Batch * output.Shape.Height,
        (double)output.Shape.Width * output.Shape.Channels * settings.Kernel.Height * settings.Kernel.Width,
        LeastLoads);

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var last = _split.First(chunk + 1);
        for (var line = _split.First(chunk); line < last; line++)
        {
            var (image, row) = Math.DivRem(line, _output.Shape.Height);
            RunRow(image, row);
        }
    }

    private void RunRow(int image, int row)
    {
        var (height, columns) = (_input.Shape.Height, _input.Shape.Width);
        var (kernel, stride, padding) = (_settings.Kernel, _settings.Stride, _settings.Padding);
        var top = (row * stride.Height) - padding.Top;
        var (firstY, endY) = (Math.Max(top, 0), Math.Min(top + kernel.Height, height));
        var (min, max) = _settings.Activation.Range();
        var isMean = typeof(TPooling) == typeof(SumPooling);
        var loop = new PoolLoop<TPooling>
        {
            Start = isMean ? 0 : float.NegativeInfinity,
            Rows = Math.Max(0, endY - firstY),
            RowStep = (nint)columns * _input.PixelStride,
            ColumnStep = _input.PixelStride,
            Output = _output.Floats + ((((nint)image * _output.Shape.Height) + row) * _output.Shape.Width * _output.PixelStride),
            Min = min,
            Max = max,
        };
        var inputRow = _input.Floats + ((((nint)image * height) + firstY) * columns * _input.PixelStride);
        for (var x = 0; x < _output.Shape.Width; x++)
        {
            var left = (x * stride.Width) - padding.Left;
            var (firstX, endX) = (Math.Max(left, 0), Math.Min(left + kernel.Width, columns));
            loop.Columns = Math.Max(0, endX - firstX);
            loop.Input = inputRow + ((nint)firstX * _input.PixelStride);
            var count = _settings.CountIncludesPadding ? kernel.Height * kernel.Width : Math.Max(1, loop.Rows * loop.Columns);
            loop.Scale = isMean ? 1f / count : 1;
            ChannelLoops.Run(loop, _output.Shape.Channels, _width);
            loop.Output += _output.PixelStride;
        }
    }
}
