namespace Kindling.Formats.Weights;

/// <summary>The tensors of one layer.</summary>
/// <param name="Name">The layer's name in the file.</param>
/// <param name="Tensors">Its tensors.</param>
/// <param name="IsDepthwise">True when the file says that the kernel is a depthwise one; false when it does not say.</param>
public sealed record WeightLayer(string Name, IReadOnlyList<WeightTensor> Tensors, bool IsDepthwise = false)
{
    /// <summary>The tensor of that role; null when the layer has none.</summary>
    public WeightTensor? Find(WeightRole role) => Tensors.FirstOrDefault(t => t.Role == role);
}
