using Kindling.Execution;
using Kindling.Numerics;
using Kindling.Training.Planning;

namespace Kindling.Training.Kernels;

/// <summary>
/// Drops elements after a mask drawn from the stream (seed, layer, step, chunk), 16 random bits an element: the same in the forward and the
/// backward pass and for any number of threads. May work in place.
/// </summary>
internal sealed unsafe class DropoutKernel : ElementKernel
{
    private readonly float* _x;
    private readonly float* _y;
    private readonly StepState _state;
    private readonly long _layer;
    private readonly ulong _threshold;
    private readonly float _scale;

    /// <summary>Binds the kernel to views without gaps.</summary>
    public DropoutKernel(string layer, float rate, StepState state, TensorView x, TensorView y)
        : base(x.Shape.ElementCount)
    {
        _x = x.Floats;
        _y = y.Floats;
        _state = state;
        _layer = StableHash(layer);
        _threshold = (ulong)MathF.Round(rate * 65536);
        _scale = 1 / (1 - rate);
    }

    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var random = new RandomStream(_state.Seed, _layer, _state.Step, first);
        for (var i = first; i < last;)
        {
            var bits = random.NextUInt64();
            for (var end = Math.Min(last, i + 4); i < end; i++, bits >>= 16)
                _y[i] = (bits & 0xFFFF) >= _threshold ? _x[i] * _scale : 0;
        }
    }

    private static long StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return (long)hash;
    }
}
