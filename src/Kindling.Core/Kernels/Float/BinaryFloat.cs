using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>What an element-by-element operator does with two numbers.</summary>
internal interface IBinary
{
    /// <summary>The result.</summary>
    static abstract TVector Apply<TSimd, TVector>(TVector x, TVector y)
        where TSimd : ISimd<TVector>
        where TVector : struct;
}

/// <summary>x + y.</summary>
internal readonly struct Sum : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector x, TVector y)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.Add(x, y);
}

/// <summary>x * y.</summary>
internal readonly struct Product : IBinary
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector x, TVector y)
        where TSimd : ISimd<TVector>
        where TVector : struct => TSimd.Multiply(x, y);
}

/// <summary>
/// Element-by-element sum or product; the second operand has the first's shape or repeats for each sample or pixel. The output may be
/// either operand's memory.
/// </summary>
internal sealed unsafe class BinaryFloat<TBinary> : Kernel
    where TBinary : struct, IBinary
{
    private const double LeastElements = 1 << 15;
    private const int Quantum = 64;
    private readonly float* _x;
    private readonly float* _y;
    private readonly float* _output;
    private readonly (float Min, float Max) _range;
    private readonly Operand _operand;
    private readonly VectorWidth _width;
    private readonly WorkSplit _split;

    public BinaryFloat(TensorView x, TensorView y, TensorView output, Activation activation, VectorWidth width)
    {
        _x = x.Floats;
        _y = y.Floats;
        _output = output.Floats;
        _range = activation.Range();
        _operand = Operand.Of(output, y);
        _width = width;
        var shape = output.Shape;
        // Runs of the second operand that are contiguous decide where chunks may begin.
        _split = _operand.PerPixel ? WorkSplit.By(shape.Pixels, shape.Channels, LeastElements)
            : _operand.PerSample ? WorkSplit.By(shape.ElementCount, 1, LeastElements, Quantum)
            : WorkSplit.By(shape.Batch, _operand.SampleElements, LeastElements);
    }

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (first, last) = (_split.First(chunk), _split.First(chunk + 1));
        if (!_operand.PerPixel && _operand.PerSample)
        {
            Apply(first, first, last - first);
            return;
        }

        var run = _operand.PerPixel ? _operand.Channels : _operand.SampleElements;
        var runsOfSample = _operand.SampleElements / run;
        for (var i = first; i < last; i++)
            Apply((nint)i * run, _operand.PerPixel && _operand.PerSample ? (nint)(i / runsOfSample) * run : 0, run);
    }

    private void Apply(nint x, nint y, int count)
    {
        var loop = new BinaryLoop { X = _x + x, Y = _y + y, Output = _output + x, Min = _range.Min, Max = _range.Max };
        ChannelLoops.Run(loop, count, _width);
    }

    private struct BinaryLoop : IChannelLoop
    {
        public float* X;
        public float* Y;
        public float* Output;
        public float Min;
        public float Max;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var (min, max) = (TSimd.Broadcast(Min), TSimd.Broadcast(Max));
            var x = X;
            var y = Y;
            var output = Output;
            for (var c = from; c < to; c += TSimd.Count)
                TSimd.Store(TSimd.Clip(TBinary.Apply<TSimd, TVector>(TSimd.Load(x + c), TSimd.Load(y + c)), min, max), output + c);
        }
    }
}
