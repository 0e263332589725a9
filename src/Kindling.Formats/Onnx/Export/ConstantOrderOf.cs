using Kindling.Formats.Onnx.Import;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Export;

/// <summary>How a layer's weights are put into ONNX's order.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Arrange">Does it.</param>
internal sealed record ConstantOrderOf(string Name, Func<Tensor, Tensor> Arrange)
{
    /// <summary>O,H,W,I to O,I,H,W.</summary>
    public static readonly ConstantOrderOf Conv = new("conv", t => ConstantOrder.Transpose(t, [0, 3, 1, 2]));

    /// <summary>H,W,C to C,1,H,W.</summary>
    public static readonly ConstantOrderOf Depthwise = new(
        "depthwise", t => ConstantOrder.Transpose(t, [2, 0, 1]).Reshape(new Shape(t.Shape[2], 1, t.Shape[0], t.Shape[1])));

    /// <summary>O,I as it is.</summary>
    public static readonly ConstantOrderOf Dense = new("dense", t => t);
}
