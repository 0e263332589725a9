using Kindling.Tensors;

namespace Kindling.Formats.Weights;

/// <summary>One tensor of a layer.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Role">What it is to its layer.</param>
/// <param name="Data">The numbers, float32, in the file's layout.</param>
public sealed record WeightTensor(string Name, WeightRole Role, Tensor Data);
