using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Constant with a tensor, a number or a list of numbers.</summary>
internal static class ConstantImport
{
    public static void Import(ImportContext context, OnnxNode node)
    {
        Tensor tensor;
        if (node.Tensor("value") is { } value)
            tensor = context.Tensors.Read(value);
        else if (node.Has("value_float"))
            tensor = Tensor.From<float>(Shape.Scalar, [node.Float("value_float", 0)]);
        else if (node.Has("value_int"))
            tensor = Tensor.From<long>(Shape.Scalar, [node.Int("value_int", 0)]);
        else if (node.Floats("value_floats") is { } floats)
            tensor = Tensor.From<float>(new Shape(floats.Count), [.. floats]);
        else if (node.Ints("value_ints") is { } ints)
            tensor = Tensor.From<long>(new Shape(ints.Count), [.. ints]);
        else
            throw node.Fault("has no value, or one that is not supported (sparse, text)");
        context.Define(new OnnxConstant(node.Output, tensor));
    }
}
