using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Copies a part of a tensor along one dimension: the gradient of one input of a concatenation.</summary>
internal sealed unsafe class SplitKernel : ElementKernel
{
    private readonly TensorView _source;
    private readonly TensorView _target;
    private readonly int _inner;
    private readonly int _axis;
    private readonly int _first;

    /// <summary>Binds the kernel; the source has no gaps between its pixels.</summary>
    public SplitKernel(int axis, int first, TensorView source, TensorView target)
        : base(Outer(axis, target), target.Shape.ElementCount / Math.Max(1, Outer(axis, target)))
    {
        _source = source;
        _target = target;
        _axis = axis;
        _first = first;
        _inner = 1;
        for (var d = axis + 1; d < target.Shape.Rank; d++)
            _inner *= target.Shape[d];
    }

    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var whole = _source.Shape[_axis] * _inner;
        var part = _target.Shape[_axis] * _inner;
        for (var i = first; i < last; i++)
        {
            new ReadOnlySpan<float>(_source.Floats + ((nint)i * whole) + (_first * _inner), part)
                .CopyTo(new Span<float>(_target.Floats + ((nint)i * part), part));
        }
    }

    private static int Outer(int axis, in TensorView target)
    {
        var outer = 1;
        for (var d = 0; d < axis; d++)
            outer *= target.Shape[d];
        return outer;
    }
}
