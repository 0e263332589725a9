using System.Runtime.CompilerServices;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>One, four or eight neighbouring output pixels of a depthwise convolution. Steps are in floats.</summary>
internal unsafe struct DepthwiseLoop : IChannelLoop
{
    public int Pixels;
    public int Rows;
    public int Columns;
    public float* Input;
    public nint PixelStep;
    public nint RowStep;
    public nint TapStep;
    public float* Weights;
    public nint WeightStep;
    public nint WeightRowStep;
    public float* Seed;
    public nint SeedStep;
    public float* Output;
    public nint OutputStep;
    public float Min;
    public float Max;

    public readonly void Run<TSimd, TVector>(int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        if (Pixels == 8)
            Eight<TSimd, TVector>(from, to);
        else if (Pixels == 4)
            Four<TSimd, TVector>(from, to);
        else
            One<TSimd, TVector>(from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Eight<TSimd, TVector>(int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var (step, tapStep, weightStep) = (PixelStep, TapStep, WeightStep);
        var min = TSimd.Broadcast(Min);
        var max = TSimd.Broadcast(Max);
        for (var c = from; c < to; c += TSimd.Count)
        {
            var seed = Seed + c;
            var sum0 = TSimd.Load(seed);
            var sum1 = TSimd.Load(seed + SeedStep);
            var sum2 = TSimd.Load(seed + (2 * SeedStep));
            var sum3 = TSimd.Load(seed + (3 * SeedStep));
            var sum4 = TSimd.Load(seed + (4 * SeedStep));
            var sum5 = TSimd.Load(seed + (5 * SeedStep));
            var sum6 = TSimd.Load(seed + (6 * SeedStep));
            var sum7 = TSimd.Load(seed + (7 * SeedStep));
            var inputRow = Input + c;
            var weightRow = Weights + c;
            for (var y = Rows; y > 0; y--, inputRow += RowStep, weightRow += WeightRowStep)
            {
                var weights = weightRow;
                var x0 = inputRow;
                var x3 = x0 + (3 * step);
                var x6 = x3 + (3 * step);
                for (var x = Columns; x > 0; x--)
                {
                    var w = TSimd.Load(weights);
                    sum0 = TSimd.MultiplyAdd(TSimd.Load(x0), w, sum0);
                    sum1 = TSimd.MultiplyAdd(TSimd.Load(x0 + step), w, sum1);
                    sum2 = TSimd.MultiplyAdd(TSimd.Load(x0 + (2 * step)), w, sum2);
                    sum3 = TSimd.MultiplyAdd(TSimd.Load(x3), w, sum3);
                    sum4 = TSimd.MultiplyAdd(TSimd.Load(x3 + step), w, sum4);
                    sum5 = TSimd.MultiplyAdd(TSimd.Load(x3 + (2 * step)), w, sum5);
                    sum6 = TSimd.MultiplyAdd(TSimd.Load(x6), w, sum6);
                    sum7 = TSimd.MultiplyAdd(TSimd.Load(x6 + step), w, sum7);
                    weights += weightStep;
                    x0 += tapStep;
                    x3 += tapStep;
                    x6 += tapStep;
                }
            }

            var output = Output + c;
            TSimd.Store(TSimd.Clip(sum0, min, max), output);
            TSimd.Store(TSimd.Clip(sum1, min, max), output + OutputStep);
            TSimd.Store(TSimd.Clip(sum2, min, max), output + (2 * OutputStep));
            TSimd.Store(TSimd.Clip(sum3, min, max), output + (3 * OutputStep));
            TSimd.Store(TSimd.Clip(sum4, min, max), output + (4 * OutputStep));
            TSimd.Store(TSimd.Clip(sum5, min, max), output + (5 * OutputStep));
            TSimd.Store(TSimd.Clip(sum6, min, max), output + (6 * OutputStep));
            TSimd.Store(TSimd.Clip(sum7, min, max), output + (7 * OutputStep));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Four<TSimd, TVector>(int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var (step, tapStep, weightStep) = (PixelStep, TapStep, WeightStep);
        var min = TSimd.Broadcast(Min);
        var max = TSimd.Broadcast(Max);
        for (var c = from; c < to; c += TSimd.Count)
        {
            var seed = Seed + c;
            var sum0 = TSimd.Load(seed);
            var sum1 = TSimd.Load(seed + SeedStep);
            var sum2 = TSimd.Load(seed + (2 * SeedStep));
            var sum3 = TSimd.Load(seed + (3 * SeedStep));
            var inputRow = Input + c;
            var weightRow = Weights + c;
            for (var y = Rows; y > 0; y--, inputRow += RowStep, weightRow += WeightRowStep)
            {
                var weights = weightRow;
                var x0 = inputRow;
                var x2 = x0 + (2 * step);
                for (var x = Columns; x > 0; x--)
                {
                    var w = TSimd.Load(weights);
                    sum0 = TSimd.MultiplyAdd(TSimd.Load(x0), w, sum0);
                    sum1 = TSimd.MultiplyAdd(TSimd.Load(x0 + step), w, sum1);
                    sum2 = TSimd.MultiplyAdd(TSimd.Load(x2), w, sum2);
                    sum3 = TSimd.MultiplyAdd(TSimd.Load(x2 + step), w, sum3);
                    weights += weightStep;
                    x0 += tapStep;
                    x2 += tapStep;
                }
            }

            var output = Output + c;
            TSimd.Store(TSimd.Clip(sum0, min, max), output);
            TSimd.Store(TSimd.Clip(sum1, min, max), output + OutputStep);
            TSimd.Store(TSimd.Clip(sum2, min, max), output + (2 * OutputStep));
            TSimd.Store(TSimd.Clip(sum3, min, max), output + (3 * OutputStep));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void One<TSimd, TVector>(int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var min = TSimd.Broadcast(Min);
        var max = TSimd.Broadcast(Max);
        for (var c = from; c < to; c += TSimd.Count)
        {
            var sum = TSimd.Load(Seed + c);
            var inputRow = Input + c;
            var weightRow = Weights + c;
            for (var y = Rows; y > 0; y--, inputRow += RowStep, weightRow += WeightRowStep)
            {
                var weights = weightRow;
                var input = inputRow;
                for (var x = Columns; x > 0; x--, input += TapStep, weights += WeightStep)
                    sum = TSimd.MultiplyAdd(TSimd.Load(input), TSimd.Load(weights), sum);
            }

            TSimd.Store(TSimd.Clip(sum, min, max), Output + c);
        }
    }
}
