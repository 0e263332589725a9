using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Optimizers;

/// <summary>
/// Stochastic gradient descent: <c>v = momentum v - lr g; w += v</c>, or with Nesterov's look-ahead <c>w += momentum v - lr g</c>.
/// Weight decay adds <c>decay w</c> to the gradient of weights (not of biases and normalization parameters).
/// </summary>
public sealed unsafe class Sgd : Optimizer
{
    private readonly float _momentum;
    private readonly float _weightDecay;

    /// <summary>Share of the last movement that is kept, 0 to below 1.</summary>
    public float Momentum
    {
        get => _momentum;
        init => _momentum = Checked("momentum", value, 0, 1);
    }

    /// <summary>True looks ahead along the momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Factor of the L2 penalty's gradient.</summary>
    public float WeightDecay
    {
        get => _weightDecay;
        init => _weightDecay = Checked("weight decay", value, 0, 1);
    }

    /// <inheritdoc/>
    public override string Name => "SGD";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots { get; } = ["momentum"];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Update(in UpdateRange range, long step)
    {
        var rate = Vector512.Create(-LearningRate);
        var momentum = Vector512.Create(Momentum);
        var decay = Vector512.Create(range.Decays ? WeightDecay : 0);
        for (var i = 0; i < range.Count; i += 16)
        {
            var w = Vector512.Load(range.Weights + i);
            var move = Vector512.FusedMultiplyAdd(decay, w, Vector512.Load(range.Gradients + i)) * rate;
            var velocity = Vector512.FusedMultiplyAdd(momentum, Vector512.Load(range.First + i), move);
            velocity.Store(range.First + i);
            (w + (Nesterov ? Vector512.FusedMultiplyAdd(momentum, velocity, move) : velocity)).Store(range.Weights + i);
        }
    }
}
