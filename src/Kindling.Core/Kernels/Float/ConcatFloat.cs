using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>Copies its inputs one after the other along an axis, where the planner could not let them be written in place.</summary>
internal sealed unsafe class ConcatFloat : Kernel
{
    private readonly TensorView[] _inputs;
    private readonly TensorView _output;
    private readonly int[] _runs;
    private readonly int _outputRun;
    private readonly ClipFloat? _clip;
    private readonly WorkSplit _split;

    public ConcatFloat(KernelContext context, VectorWidth width)
    {
        var op = (Concat)context.Node.Operator;
        _inputs = [.. context.Inputs];
        _output = context.Output;
        var shape = _output.Shape;
        var outer = 1;
        for (var d = 0; d < op.Axis; d++)
            outer *= shape[d];
        _runs = [.. _inputs.Select(i => i.Shape.ElementCount / Math.Max(1, outer))];
        _outputRun = shape.ElementCount / Math.Max(1, outer);
        _split = WorkSplit.By(outer, _outputRun, 1 << 15);
        var (min, max) = op.Activation.Range();
        _clip = op.Activation == Activation.None ? null : new ClipFloat(_output, _output, new Clip(min, max), width);
    }

    /// <inheritdoc/>
    public override int Chunks => _clip is null ? _split.Chunks : 1;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (first, last) = _clip is null ? (_split.First(chunk), _split.First(chunk + 1)) : (0, _split.Items);
        nint offset = 0;
        for (var i = 0; i < _inputs.Length; i++)
        {
            var run = _runs[i];
            PixelCopy.Copy(
                _inputs[i].Floats + ((nint)first * run), run, _output.Floats + ((nint)first * _outputRun) + offset, _outputRun, last - first, run);
            offset += run;
        }

        for (var c = 0; c < (_clip?.Chunks ?? 0); c++)
            _clip!.Run(c, scratch);
    }
}
