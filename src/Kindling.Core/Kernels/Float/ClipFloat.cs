using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>min(max(x, Min), Max), in place or not.</summary>
internal sealed unsafe class ClipFloat(TensorView input, TensorView output, Clip clip, VectorWidth width) : Kernel
{
    private readonly float* _input = input.Floats;
    private readonly float* _output = output.Floats;
    private readonly WorkSplit _split = WorkSplit.By(output.Shape.ElementCount, 1, 1 << 15, 64);

    /// <inheritdoc/>
    public override int Chunks => _split.Chunks;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var loop = new ClipLoop { Input = _input, Output = _output, Min = clip.Min, Max = clip.Max };
        ChannelLoops.Run(loop, _split.First(chunk), _split.First(chunk + 1), width);
    }

    private struct ClipLoop : IChannelLoop
    {
        public float* Input;
        public float* Output;
        public float Min;
        public float Max;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<TSimd, TVector>(int from, int to)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var (min, max) = (TSimd.Broadcast(Min), TSimd.Broadcast(Max));
            var input = Input;
            var output = Output;
            for (var c = from; c < to; c += TSimd.Count)
                TSimd.Store(TSimd.Clip(TSimd.Load(input + c), min, max), output + c);
        }
    }
}
