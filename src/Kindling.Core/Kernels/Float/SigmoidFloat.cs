using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Kernels.Float;

/// <summary>1 / (1 + exp(-x)), in place or not.</summary>
internal sealed unsafe class SigmoidFloat(TensorView input, TensorView output) : Kernel
{
    private readonly float* _input = input.Floats;
    private readonly float* _output = output.Floats;
    private readonly WorkSplit _split = WorkSplit.By(output.Shape.ElementCount, 1, 1 << 13, Exponential.Step);

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var last = _split.First(chunk + 1);
        var one = Vector512<float>.One;
        for (var e = _split.First(chunk); e < last; e += Exponential.Step)
        {
            var x = Exponential.Load(_input + e, last - e, 0);
            Exponential.Store(one / (one + Vector512.Exp(-x)), _output + e, last - e);
        }
    }
}
