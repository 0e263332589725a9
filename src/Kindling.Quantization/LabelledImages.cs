namespace Kindling.Quantization;

/// <summary>Some images with their classes.</summary>
/// <param name="Images">Preprocessed images, <c>[k, H, W, C]</c> floats.</param>
/// <param name="Labels">The class of each, an index into the network's outputs.</param>
public readonly record struct LabelledImages(ReadOnlyMemory<float> Images, ReadOnlyMemory<int> Labels);
