using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Tensors;

namespace Kindling.Training.Kernels.Winograd;

/// <summary>Joins the parts of <see cref="WinogradWeightGradient"/> in order and turns them into gradients <c>[O, 3, 3, I]</c>. A chunk is one input channel.</summary>
internal sealed unsafe class WinogradWeightSum(Shape input, Shape output, TensorView partials, TensorView? weights, TensorView? bias) : Kernel
{
    private readonly (int Parts, int Columns) _cut = WinogradWeightGradient.Cut(output);

    /// <inheritdoc/>
    public override int Chunks => input.Channels;

    /// <inheritdoc/>
    public override int ScratchBytes => (9 + (2 * WinogradTransforms.Places)) * 16 * sizeof(float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var (inputs, outputs) = (input.Channels, output.Channels);
        nint part = WinogradWeightGradient.FloatsOfPart(inputs, outputs);
        var window = (float*)scratch;
        var places = window + (9 * 16);
        if (chunk == 0 && bias is { } b)
        {
            for (var o = 0; o < outputs; o += 16)
                Sum(partials.Floats + ((nint)WinogradTransforms.Places * inputs * outputs) + o, part).Store(b.Floats + o);
        }

        for (var o = 0; o < outputs && weights is not null; o += 16)
        {
            var (group, column) = Math.DivRem(o, _cut.Columns);
            var source = partials.Floats + ((((nint)group * WinogradTransforms.Places * inputs) + chunk) * _cut.Columns) + column;
            for (var place = 0; place < WinogradTransforms.Places; place++)
                Sum(source + ((nint)place * inputs * _cut.Columns), part).Store(places + (place * 16));
            WinogradTransforms.WeightGradient(places, window, places + WinogradTransforms.ScratchFloats);
            var target = weights.Value.Floats + ((nint)o * 9 * inputs) + chunk;
            for (var lane = 0; lane < 16; lane++)
            {
                for (var tap = 0; tap < 9; tap++)
                    target[(((nint)lane * 9) + tap) * inputs] = window[(tap * 16) + lane];
            }
        }
    }

    private Vector512<float> Sum(float* source, nint step)
    {
        var sum = Vector512.Load(source);
        for (var p = 1; p < _cut.Parts; p++)
            sum += Vector512.Load(source + (p * step));
        return sum;
    }
}
