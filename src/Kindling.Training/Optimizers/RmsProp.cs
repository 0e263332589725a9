using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Optimizers;

/// <summary>
/// RMSprop (Hinton 2012): <c>v = rho v + (1 - rho) g^2; move = momentum move + lr g / sqrt(v + epsilon); w -= move</c>. Weight decay is decoupled, as in
/// <see cref="AdamW"/>.
/// </summary>
public sealed unsafe class RmsProp : Optimizer
{
    private readonly float _rho = 0.9f;
    private readonly float _momentum;
    private readonly float _weightDecay;

    /// <summary>Decay of the mean of squared gradients.</summary>
    public float Rho
    {
        get => _rho;
        init => _rho = Checked("rho", value, 0, 1);
    }

    /// <summary>Share of the last movement that is kept.</summary>
    public float Momentum
    {
        get => _momentum;
        init => _momentum = Checked("momentum", value, 0, 1);
    }

    /// <summary>Keeps the division finite.</summary>
    public float Epsilon { get; init; } = 1e-7f;

    /// <summary>Decoupled weight decay.</summary>
    public float WeightDecay
    {
        get => _weightDecay;
        init => _weightDecay = Checked("weight decay", value, 0, 1);
    }

    /// <inheritdoc/>
    public override string Name => "RMSprop";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots { get; } = ["square", "momentum"];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Update(in UpdateRange range, long step)
    {
        var rate = Vector512.Create(LearningRate);
        var rest = Vector512.Create(1 - Rho);
        var momentum = Vector512.Create(Momentum);
        var epsilon = Vector512.Create(Epsilon);
        var keep = Vector512.Create(range.Decays ? 1 - (LearningRate * WeightDecay) : 1);
        for (var i = 0; i < range.Count; i += 16)
        {
            var g = Vector512.Load(range.Gradients + i);
            var v = Vector512.Load(range.First + i);
            v = Vector512.FusedMultiplyAdd(rest, (g * g) - v, v);
            v.Store(range.First + i);
            var move = Vector512.FusedMultiplyAdd(momentum, Vector512.Load(range.Second + i), rate * g / Vector512.Sqrt(v + epsilon));
            move.Store(range.Second + i);
            ((Vector512.Load(range.Weights + i) * keep) - move).Store(range.Weights + i);
        }
    }
}
