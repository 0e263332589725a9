using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>What ADD and MUL have in common: a second input of the same shape or with one value a channel.</summary>
internal static class Operands
{
    /// <summary>The address of an operand, which becomes a constant array if it is constant.</summary>
    public static string Address(NetworkSource source, Value value)
    {
        source.RequireContiguous(value);
        if (value.IsConstant && value.Type == ElementType.Int8)
            return source.Int8Constant(value, "operand", value.Shape.Channels);
        return source.At(value);
    }

    /// <summary>How far the second operand moves from pixel to pixel.</summary>
    public static int SecondStep(Node node) =>
        node.Inputs[1].Shape.ElementCount == node.Inputs[0].Shape.ElementCount ? node.Inputs[0].Shape.Channels : 0;
}
