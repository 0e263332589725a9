namespace Kindling.Data.Augmentation;

/// <summary>What the random numbers of one augmented image depend on, and nothing else.</summary>
/// <param name="Seed">The training's seed.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Image">The image's index in its set.</param>
/// <param name="Step">The batch in the epoch; only functions in <c>batch</c> mode look at it.</param>
public readonly record struct AugmentationKey(long Seed, int Epoch, int Image, int Step = 0);
