using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>
/// Depthwise convolution: one filter for each input channel. Inputs: activations <c>[N, H, W, C]</c>, weights <c>[KH, KW, C]</c>,
/// optional bias <c>[C]</c>. Output <c>[N, OH, OW, C]</c>. (A depth multiplier of 1; the networks of this class use no other.)
/// </summary>
/// <param name="Stride">Step of the window.</param>
/// <param name="Padding">Zeros around the input.</param>
/// <param name="Dilation">Distance between the window's taps.</param>
/// <param name="Activation">Applied to the sum.</param>
public sealed record DepthwiseConv2D(Size2D Stride, Padding Padding, Size2D Dilation, Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "DEPTHWISE_CONV_2D";

    /// <inheritdoc/>
    public override bool CanWriteSlice => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 2, 3);
        var x = RequireImage(node, inputs[0]);
        var w = inputs[1].Shape;
        if (w.Rank != 3)
            Fail(node, $"weights {inputs[1].Name} are {w}, not [KH, KW, C]");
        if (w[2] != x.Channels)
            Fail(node, $"the input has {x.Channels} channels, the weights {w} expect {w[2]}");
        if (inputs.Count > 2 && (inputs[2].Shape.Rank != 1 || inputs[2].Shape[0] != w[2]))
            Fail(node, $"bias {inputs[2].Shape} does not fit {w[2]} channels");
        return Conv2D.WindowShape(this, node, x, new Size2D(w[0], w[1]), Stride, Padding, Dilation, w[2]);
    }

    /// <inheritdoc/>
    public override long Macs(IReadOnlyList<Value> inputs, Shape output)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(output);
        return (long)output.ElementCount * inputs[1].Shape[0] * inputs[1].Shape[1];
    }

    /// <inheritdoc/>
    public override IEnumerable<Value> ParameterInputs(IReadOnlyList<Value> inputs) => inputs.Skip(1);
}
