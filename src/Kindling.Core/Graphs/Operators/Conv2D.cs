using Kindling.Tensors;

namespace Kindling.Graphs.Operators;

/// <summary>
/// Two-dimensional convolution (cross-correlation). Inputs: activations <c>[N, H, W, I]</c>, weights <c>[O, KH, KW, I]</c>,
/// optional bias <c>[O]</c>. Output <c>[N, OH, OW, O]</c>.
/// </summary>
/// <param name="Stride">Step of the window.</param>
/// <param name="Padding">Zeros around the input.</param>
/// <param name="Dilation">Distance between the window's taps.</param>
/// <param name="Activation">Applied to the sum.</param>
public sealed record Conv2D(Size2D Stride, Padding Padding, Size2D Dilation, Activation Activation = Activation.None) : Operator
{
    /// <inheritdoc/>
    public override string Kind => "CONV_2D";

    /// <inheritdoc/>
    public override bool CanWriteSlice => true;

    /// <inheritdoc/>
    public override Shape Infer(string node, IReadOnlyList<Value> inputs)
    {
        RequireInputs(node, inputs, 2, 3);
        var x = RequireImage(node, inputs[0]);
        var w = inputs[1].Shape;
        if (w.Rank != 4)
            Fail(node, $"weights {inputs[1].Name} are {w}, not [O, KH, KW, I]");
        if (w[3] != x.Channels)
            Fail(node, $"the input has {x.Channels} channels, the weights {w} expect {w[3]}");
        if (inputs.Count > 2 && (inputs[2].Shape.Rank != 1 || inputs[2].Shape[0] != w[0]))
            Fail(node, $"bias {inputs[2].Shape} does not fit {w[0]} output channels");
        return WindowShape(this, node, x, new Size2D(w[1], w[2]), Stride, Padding, Dilation, w[0]);
    }

    /// <inheritdoc/>
    public override long Macs(IReadOnlyList<Value> inputs, Shape output)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(output);
        var w = inputs[1].Shape;
        return (long)output.ElementCount * w[1] * w[2] * w[3];
    }

    /// <inheritdoc/>
    public override IEnumerable<Value> ParameterInputs(IReadOnlyList<Value> inputs) => inputs.Skip(1);

    internal static Shape WindowShape(
        Operator op, string node, Shape x, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, int channels)
    {
        if (stride.Height < 1 || stride.Width < 1 || dilation.Height < 1 || dilation.Width < 1 || kernel.Height < 1 || kernel.Width < 1)
            throw new GraphException($"{node} ({op.Kind}): kernel {kernel}, stride {stride} and dilation {dilation} must be at least 1");
        if (padding.Top < 0 || padding.Left < 0 || padding.Bottom < 0 || padding.Right < 0)
            throw new GraphException($"{node} ({op.Kind}): padding {padding} is negative");
        var height = Padding.Positions(x.Height, padding.Top, padding.Bottom, kernel.Height, stride.Height, dilation.Height);
        var width = Padding.Positions(x.Width, padding.Left, padding.Right, kernel.Width, stride.Width, dilation.Width);
        if (height < 1 || width < 1)
            throw new GraphException($"{node} ({op.Kind}): a {kernel} window does not fit into the {x.Height}x{x.Width} input");
        return new Shape(x.Batch, height, width, channels);
    }
}
