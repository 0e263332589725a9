using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Optimizers;

/// <summary>
/// Adam (Kingma and Ba 2015) with Keras' epsilon of 1e-7 beside the uncorrected root. A weight decay above 0 makes it AdamW
/// (Loshchilov and Hutter 2019): weights, not biases and normalization parameters, shrink by <c>lr decay w</c> apart from the gradient.
/// </summary>
public unsafe class Adam : Optimizer
{
    private readonly float _beta1 = 0.9f;
    private readonly float _beta2 = 0.999f;
    private readonly float _weightDecay;

    /// <summary>Decay of the mean of gradients.</summary>
    public float Beta1
    {
        get => _beta1;
        init => _beta1 = Checked("beta_1", value, 0, 1);
    }

    /// <summary>Decay of the mean of squared gradients.</summary>
    public float Beta2
    {
        get => _beta2;
        init => _beta2 = Checked("beta_2", value, 0, 1);
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
    public override string Name => "Adam";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots { get; } = ["m", "v"];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Update(in UpdateRange range, long step)
    {
        var correction = Math.Sqrt(1 - Math.Pow(Beta2, step)) / (1 - Math.Pow(Beta1, step));
        var rate = Vector512.Create((float)(-LearningRate * correction));
        var keep = Vector512.Create(range.Decays ? 1 - (LearningRate * WeightDecay) : 1);
        var (one, two) = (Vector512.Create(1 - Beta1), Vector512.Create(1 - Beta2));
        var epsilon = Vector512.Create(Epsilon);
        for (var i = 0; i < range.Count; i += 16)
        {
            var g = Vector512.Load(range.Gradients + i);
            var m = Vector512.Load(range.First + i);
            var v = Vector512.Load(range.Second + i);
            m = Vector512.FusedMultiplyAdd(one, g - m, m);
            v = Vector512.FusedMultiplyAdd(two, (g * g) - v, v);
            m.Store(range.First + i);
            v.Store(range.Second + i);
            var w = Vector512.Load(range.Weights + i) * keep;
            Vector512.FusedMultiplyAdd(rate, m / (Vector512.Sqrt(v) + epsilon), w).Store(range.Weights + i);
        }
    }
}
