using System.Runtime.Intrinsics;

namespace Kindling.Kernels.Float.Simd;

/// <summary>A loop over neighbouring floats (channels, or elements) that can run with any register width.</summary>
internal interface IChannelLoop
{
    /// <summary>Handles the floats from <paramref name="from"/> to below <paramref name="to"/>, a multiple of the vector's length.</summary>
    void Run<TSimd, TVector>(int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct;
}

/// <summary>Runs loops: as much as possible with the widest registers, the rest with narrower ones.</summary>
internal static class ChannelLoops
{
    /// <summary>Runs a loop over <paramref name="count"/> floats.</summary>
    public static void Run<TLoop>(in TLoop loop, int count, VectorWidth widest)
        where TLoop : struct, IChannelLoop => Run(loop, 0, count, widest);

    /// <summary>Runs a loop over the floats from <paramref name="from"/> to below <paramref name="end"/>.</summary>
    public static void Run<TLoop>(in TLoop loop, int from, int end, VectorWidth widest)
        where TLoop : struct, IChannelLoop
    {
        if (widest >= VectorWidth.Bits512 && end - from >= 16)
        {
            var to = from + ((end - from) & ~15);
            loop.Run<Simd512, Vector512<float>>(from, to);
            from = to;
        }

        if (widest >= VectorWidth.Bits256 && end - from >= 8)
        {
            var to = from + ((end - from) & ~7);
            loop.Run<Simd256, Vector256<float>>(from, to);
            from = to;
        }

        if (widest >= VectorWidth.Bits128 && end - from >= 4)
        {
            var to = from + ((end - from) & ~3);
            loop.Run<Simd128, Vector128<float>>(from, to);
            from = to;
        }

        if (from < end)
            loop.Run<SimdScalar, float>(from, end);
    }
}
