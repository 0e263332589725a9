using System.Runtime.CompilerServices;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>
/// One output row of a depthwise convolution. Steps are in floats. The windows three taps wide that these networks use have code of
/// their own; the order of a sum is always row by row, tap by tap.
/// </summary>
internal unsafe struct DepthwiseLoop : IChannelLoop
{
    public DepthwiseSegment* Segments;
    public int SegmentCount;
    public int FirstRow;
    public int Rows;
    public int KernelRows;
    public int KernelColumns;
    public float* Input;
    public nint PixelStep;
    public nint RowStep;
    public nint TapStep;

    /// <summary>For each vector of channels all taps: <c>[C / lanes][taps][lanes]</c>.</summary>
    public float* Weights;
    public float* Bias;
    public float* Output;
    public nint OutputStep;
    public bool Accumulate;
    public float Min;
    public float Max;

    public readonly void Run<TSimd, TVector>(int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        for (var i = 0; i < SegmentCount; i++)
        {
            var segment = Segments + i;
            if (segment->Pixels == 8)
                Eight<TSimd, TVector>(segment, from, to);
            else if (segment->Pixels == 4)
                Four<TSimd, TVector>(segment, from, to);
            else
                One<TSimd, TVector>(segment, from, to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Eight<TSimd, TVector>(DepthwiseSegment* segment, int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var (step, tapStep, rowStep, outputStep) = (PixelStep, TapStep, RowStep, OutputStep);
        var (rows, taps, kernelTaps, weightRowStep) = (Rows, segment->Taps, KernelRows * KernelColumns, KernelColumns * TSimd.Count);
        var min = TSimd.Broadcast(Min);
        var max = TSimd.Broadcast(Max);
        var seedStep = Accumulate ? outputStep : 0;
        var input = Input + segment->Input;
        var output = Output + segment->Output;
        var skipped = Weights + (((FirstRow * KernelColumns) + segment->FirstTap) * TSimd.Count);
        for (var block = segment->Repeat; block > 0; block--, input += 8 * step, output += 8 * outputStep)
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                var y = output + c;
                var seed = Accumulate ? y : Bias + c;
                var sum0 = TSimd.Load(seed);
                var sum1 = TSimd.Load(seed + seedStep);
                var sum2 = TSimd.Load(seed + (2 * seedStep));
                var sum3 = TSimd.Load(seed + (3 * seedStep));
                var sum4 = TSimd.Load(seed + (4 * seedStep));
                var sum5 = TSimd.Load(seed + (5 * seedStep));
                var sum6 = TSimd.Load(seed + (6 * seedStep));
                var sum7 = TSimd.Load(seed + (7 * seedStep));
                var line = input + c;
                var weights = skipped + ((nint)c * kernelTaps);
                for (var row = rows; row > 0; row--, line += rowStep, weights += weightRowStep)
                {
                    if (taps == 3)
                    {
                        var w0 = TSimd.Load(weights);
                        var w1 = TSimd.Load(weights + TSimd.Count);
                        var w2 = TSimd.Load(weights + (2 * TSimd.Count));
                        var pixel = line;
                        sum0 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum0);
                        pixel += step;
                        sum1 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum1);
                        pixel += step;
                        sum2 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum2);
                        pixel += step;
                        sum3 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum3);
                        pixel += step;
                        sum4 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum4);
                        pixel += step;
                        sum5 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum5);
                        pixel += step;
                        sum6 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum6);
                        pixel += step;
                        sum7 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum7);
                        continue;
                    }

                    var x = line;
                    var tap = weights;
                    for (var k = taps; k > 0; k--, x += tapStep, tap += TSimd.Count)
                    {
                        var w = TSimd.Load(tap);
                        sum0 = TSimd.MultiplyAdd(TSimd.Load(x), w, sum0);
                        sum1 = TSimd.MultiplyAdd(TSimd.Load(x + step), w, sum1);
                        sum2 = TSimd.MultiplyAdd(TSimd.Load(x + (2 * step)), w, sum2);
                        sum3 = TSimd.MultiplyAdd(TSimd.Load(x + (3 * step)), w, sum3);
                        sum4 = TSimd.MultiplyAdd(TSimd.Load(x + (4 * step)), w, sum4);
                        sum5 = TSimd.MultiplyAdd(TSimd.Load(x + (5 * step)), w, sum5);
                        sum6 = TSimd.MultiplyAdd(TSimd.Load(x + (6 * step)), w, sum6);
                        sum7 = TSimd.MultiplyAdd(TSimd.Load(x + (7 * step)), w, sum7);
                    }
                }

                TSimd.Store(TSimd.Clip(sum0, min, max), y);
                TSimd.Store(TSimd.Clip(sum1, min, max), y + outputStep);
                TSimd.Store(TSimd.Clip(sum2, min, max), y + (2 * outputStep));
                TSimd.Store(TSimd.Clip(sum3, min, max), y + (3 * outputStep));
                TSimd.Store(TSimd.Clip(sum4, min, max), y + (4 * outputStep));
                TSimd.Store(TSimd.Clip(sum5, min, max), y + (5 * outputStep));
                TSimd.Store(TSimd.Clip(sum6, min, max), y + (6 * outputStep));
                TSimd.Store(TSimd.Clip(sum7, min, max), y + (7 * outputStep));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Four<TSimd, TVector>(DepthwiseSegment* segment, int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var (step, tapStep, rowStep, outputStep) = (PixelStep, TapStep, RowStep, OutputStep);
        var (rows, taps, kernelTaps, weightRowStep) = (Rows, segment->Taps, KernelRows * KernelColumns, KernelColumns * TSimd.Count);
        var min = TSimd.Broadcast(Min);
        var max = TSimd.Broadcast(Max);
        var seedStep = Accumulate ? outputStep : 0;
        var input = Input + segment->Input;
        var output = Output + segment->Output;
        var skipped = Weights + (((FirstRow * KernelColumns) + segment->FirstTap) * TSimd.Count);
        for (var block = segment->Repeat; block > 0; block--, input += 4 * step, output += 4 * outputStep)
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                var y = output + c;
                var seed = Accumulate ? y : Bias + c;
                var sum0 = TSimd.Load(seed);
                var sum1 = TSimd.Load(seed + seedStep);
                var sum2 = TSimd.Load(seed + (2 * seedStep));
                var sum3 = TSimd.Load(seed + (3 * seedStep));
                var line = input + c;
                var weights = skipped + ((nint)c * kernelTaps);
                for (var row = rows; row > 0; row--, line += rowStep, weights += weightRowStep)
                {
                    if (taps == 3)
                    {
                        var w0 = TSimd.Load(weights);
                        var w1 = TSimd.Load(weights + TSimd.Count);
                        var w2 = TSimd.Load(weights + (2 * TSimd.Count));
                        var pixel = line;
                        sum0 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum0);
                        pixel += step;
                        sum1 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum1);
                        pixel += step;
                        sum2 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum2);
                        pixel += step;
                        sum3 = Three<TSimd, TVector>(pixel, tapStep, w0, w1, w2, sum3);
                        continue;
                    }

                    var x = line;
                    var tap = weights;
                    for (var k = taps; k > 0; k--, x += tapStep, tap += TSimd.Count)
                    {
                        var w = TSimd.Load(tap);
                        sum0 = TSimd.MultiplyAdd(TSimd.Load(x), w, sum0);
                        sum1 = TSimd.MultiplyAdd(TSimd.Load(x + step), w, sum1);
                        sum2 = TSimd.MultiplyAdd(TSimd.Load(x + (2 * step)), w, sum2);
                        sum3 = TSimd.MultiplyAdd(TSimd.Load(x + (3 * step)), w, sum3);
                    }
                }

                TSimd.Store(TSimd.Clip(sum0, min, max), y);
                TSimd.Store(TSimd.Clip(sum1, min, max), y + outputStep);
                TSimd.Store(TSimd.Clip(sum2, min, max), y + (2 * outputStep));
                TSimd.Store(TSimd.Clip(sum3, min, max), y + (3 * outputStep));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void One<TSimd, TVector>(DepthwiseSegment* segment, int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var (step, tapStep, rowStep, outputStep) = (PixelStep, TapStep, RowStep, OutputStep);
        var (rows, taps, kernelTaps, weightRowStep) = (Rows, segment->Taps, KernelRows * KernelColumns, KernelColumns * TSimd.Count);
        var min = TSimd.Broadcast(Min);
        var max = TSimd.Broadcast(Max);
        var seedStep = Accumulate ? outputStep : 0;
        var input = Input + segment->Input;
        var output = Output + segment->Output;
        var skipped = Weights + (((FirstRow * KernelColumns) + segment->FirstTap) * TSimd.Count);
        for (var block = segment->Repeat; block > 0; block--, input += step, output += outputStep)
        {
            for (var c = from; c < to; c += TSimd.Count)
            {
                var y = output + c;
                var seed = Accumulate ? y : Bias + c;
                var sum0 = TSimd.Load(seed);
                var line = input + c;
                var weights = skipped + ((nint)c * kernelTaps);
                for (var row = rows; row > 0; row--, line += rowStep, weights += weightRowStep)
                {
                    var x = line;
                    var tap = weights;
                    for (var k = taps; k > 0; k--, x += tapStep, tap += TSimd.Count)
                    {
                        var w = TSimd.Load(tap);
                        sum0 = TSimd.MultiplyAdd(TSimd.Load(x), w, sum0);
                    }
                }

                TSimd.Store(TSimd.Clip(sum0, min, max), y);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Three<TSimd, TVector>(float* x, nint tapStep, TVector w0, TVector w1, TVector w2, TVector sum)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        sum = TSimd.MultiplyAdd(TSimd.Load(x), w0, sum);
        sum = TSimd.MultiplyAdd(TSimd.Load(x + tapStep), w1, sum);
        return TSimd.MultiplyAdd(TSimd.Load(x + (2 * tapStep)), w2, sum);
    }
}
