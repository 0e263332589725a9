namespace Kindling.Training.Optimizers;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019), 0.004 unless said otherwise.</summary>
public sealed class AdamW : Adam
{
    /// <summary>Creates the optimizer with Keras' default decay.</summary>
    public AdamW() => WeightDecay = 0.004f;

    /// <inheritdoc/>
    public override string Name => "AdamW";
}
