namespace Kindling.Data.Augmentation;

/// <summary>One entry of a configuration's <c>data_augmentation</c> section: a function and the arguments given to it.</summary>
/// <param name="Function">The function's name, such as <c>random_flip</c>.</param>
/// <param name="Arguments">
/// Values by parameter name: a number (int, long, float, double), a string for choices, or a sequence of numbers for ranges (low, high) and colours.
/// Null stands for the default.
/// </param>
public sealed record AugmentationSpec(string Function, IReadOnlyDictionary<string, object?> Arguments);
