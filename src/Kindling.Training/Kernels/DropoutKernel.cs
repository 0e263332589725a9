using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Training.Planning;

namespace Kindling.Training.Kernels;

/// <summary>
/// Drops elements or whole samples after a mask drawn from the stream (seed, layer, step, first item of the chunk), 16 random bits an item: the
/// same in the forward and the backward pass and for any number of threads. May work in place.
/// </summary>
internal sealed unsafe class DropoutKernel : ElementKernel
{
    private readonly float* _x;
    private readonly float* _y;
    private readonly int _elements;
    private readonly StepState _state;
    private readonly long _layer;
    private readonly ulong _threshold;
    private readonly float _scale;

    /// <summary>Binds the kernel to views without gaps.</summary>
    public DropoutKernel(string layer, Dropout dropout, StepState state, TensorView x, TensorView y)
        : base(dropout.PerSample ? x.Shape.Batch : x.Shape.ElementCount, dropout.PerSample ? ElementsOfSample(x) : 1)
    {
        _x = x.Floats;
        _y = y.Floats;
        _elements = dropout.PerSample ? ElementsOfSample(x) : 1;
        _state = state;
        _layer = StableHash(layer);
        _threshold = (ulong)MathF.Round(dropout.Rate * 65536);
        _scale = 1 / (1 - dropout.Rate);
    }

    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var random = new RandomStream(_state.Seed, _layer, _state.Step, first);
        for (var i = first; i < last;)
        {
            var bits = random.NextUInt64();
            for (var end = Math.Min(last, i + 4); i < end; i++, bits >>= 16)
            {
                var isKept = (bits & 0xFFFF) >= _threshold;
                if (_elements == 1)
                    _y[i] = isKept ? _x[i] * _scale : 0;
                else
                    DropSample(i, isKept);
            }
        }
    }

    private static int ElementsOfSample(TensorView view) => view.Shape.ElementCount / view.Shape.Batch;

    private static long StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return (long)hash;
    }

    private void DropSample(int sample, bool isKept)
    {
        var start = (nint)sample * _elements;
        var target = new Span<float>(_y + start, _elements);
        if (isKept)
            Rows.Multiply(new ReadOnlySpan<float>(_x + start, _elements), _scale, target);
        else
            target.Clear();
    }
}
