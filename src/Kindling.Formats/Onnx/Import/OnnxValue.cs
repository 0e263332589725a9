using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>What a name of the file stands for.</summary>
internal abstract record OnnxValue(string Name);

/// <summary>A tensor computed at run time: a value of the graph and how its memory relates to what ONNX sees.</summary>
internal sealed record OnnxActivation(string Name, Value Value, Layout Layout) : OnnxValue(Name);

/// <summary>A tensor known from the file, in ONNX's own order.</summary>
/// <param name="Name">The initializer's or output's name.</param>
/// <param name="Tensor">The elements.</param>
/// <param name="Dequantized">Scales when the elements are integers that a DequantizeLinear turns into reals.</param>
internal sealed record OnnxConstant(string Name, Tensor Tensor, Quantization? Dequantized = null) : OnnxValue(Name)
{
    /// <summary>The name of the elements as the file stores them.</summary>
    public string Source { get; init; } = Name;
}
