namespace Kindling.Training.Mixing;

/// <summary>
/// Mixup (Zhang and others 2018): two images of a batch and their targets become weighted means of each other, the weight drawn from Beta(alpha, alpha).
/// </summary>
/// <param name="Alpha">Strength, above 0: 0.2 leaves most pairs nearly as they are, 1 draws all weights alike.</param>
/// <param name="ChangeRate">Share of the pairs that are mixed.</param>
public sealed record Mixup(float Alpha = 0.2f, float ChangeRate = 1);

/// <summary>
/// CutMix (Yun and others 2019): two images of a batch exchange a rectangle, and their targets the share of its area, drawn from Beta(alpha, alpha).
/// </summary>
/// <param name="Alpha">Strength, above 0.</param>
/// <param name="ChangeRate">Share of the pairs that are mixed; with <see cref="Mixup"/> as well, that is asked for the others.</param>
public sealed record CutMix(float Alpha = 1, float ChangeRate = 0.5f);
