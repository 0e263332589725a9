using System.Runtime.CompilerServices;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>One output pixel of a pooling. Steps are in floats.</summary>
internal unsafe struct PoolLoop<TPooling> : IChannelLoop
    where TPooling : struct, IPooling
{
    public float Start;
    public float Scale;
    public float Min;
    public float Max;
    public int Rows;
    public int Columns;
    public float* Input;
    public nint RowStep;
    public nint ColumnStep;
    public float* Output;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TSimd, TVector>(int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var start = TSimd.Broadcast(Start);
        var scale = TSimd.Broadcast(Scale);
        var min = TSimd.Broadcast(Min);
        var max = TSimd.Broadcast(Max);
        var (rows, columns, columnStep) = (Rows, Columns, ColumnStep);
        var c = from;
        for (; c <= to - (4 * TSimd.Count); c += 4 * TSimd.Count)
        {
            var (sum0, sum1, sum2, sum3) = (start, start, start, start);
            var line = Input + c;
            for (var y = rows; y > 0; y--, line += RowStep)
            {
                var pixel = line;
                for (var x = columns; x > 0; x--, pixel += columnStep)
                {
                    sum0 = TPooling.Combine<TSimd, TVector>(sum0, TSimd.Load(pixel));
                    sum1 = TPooling.Combine<TSimd, TVector>(sum1, TSimd.Load(pixel + TSimd.Count));
                    sum2 = TPooling.Combine<TSimd, TVector>(sum2, TSimd.Load(pixel + (2 * TSimd.Count)));
                    sum3 = TPooling.Combine<TSimd, TVector>(sum3, TSimd.Load(pixel + (3 * TSimd.Count)));
                }
            }

            TSimd.Store(TSimd.Clip(TSimd.Multiply(sum0, scale), min, max), Output + c);
            TSimd.Store(TSimd.Clip(TSimd.Multiply(sum1, scale), min, max), Output + c + TSimd.Count);
            TSimd.Store(TSimd.Clip(TSimd.Multiply(sum2, scale), min, max), Output + c + (2 * TSimd.Count));
            TSimd.Store(TSimd.Clip(TSimd.Multiply(sum3, scale), min, max), Output + c + (3 * TSimd.Count));
        }

        for (; c < to; c += TSimd.Count)
        {
            var sum = start;
            var line = Input + c;
            for (var y = rows; y > 0; y--, line += RowStep)
            {
                var pixel = line;
                for (var x = columns; x > 0; x--, pixel += columnStep)
                    sum = TPooling.Combine<TSimd, TVector>(sum, TSimd.Load(pixel));
            }

            TSimd.Store(TSimd.Clip(TSimd.Multiply(sum, scale), min, max), Output + c);
        }
    }
}
