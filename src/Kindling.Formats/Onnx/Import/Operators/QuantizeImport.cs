using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>
/// QuantizeLinear and DequantizeLinear. 8-bit activations become int8, uint8 ones with elements and zero points 128 lower; a DequantizeLinear of a
/// constant stays with the constant.
/// </summary>
internal static class QuantizeImport
{
    public static void Quantize(ImportContext context, OnnxNode node)
    {
        RequireNoBlocks(node);
        if (context.Input(node, 0) is OnnxConstant constant)
        {
            QuantizeConstant(context, node, constant);
            return;
        }

        var x = context.FloatActivation(node);
        var q = Parameters(context, node, 1, 2);
        context.Define(node, context.Emit(node, new Quantize(), ElementType.Int8, q, x.Value), x.Layout);
    }

    public static void Dequantize(ImportContext context, OnnxNode node)
    {
        RequireNoBlocks(node);
        if (context.Input(node, 0) is OnnxConstant constant)
        {
            if (constant.Tensor.Type is not (ElementType.Int8 or ElementType.UInt8 or ElementType.Int32) || constant.Dequantized is not null)
                node.Fail($"constant {constant.Name} is {constant.Tensor.Type.Name()}; int8, uint8 and int32 are supported");
            var parameters = Raw(context, node, 1, 2, constant.Tensor.Shape);
            context.Define(new OnnxConstant(node.Output, constant.Tensor, parameters) { Source = constant.Name });
            return;
        }

        var x = QuantizedActivation(context, node, 0, 1, 2);
        context.Define(node, context.Emit(node, new Dequantize(), ElementType.Float32, null, x.Value), x.Layout);
    }

    /// <summary>An 8-bit activation, whose scale and zero point must be those it was made with.</summary>
    public static OnnxActivation QuantizedActivation(ImportContext context, OnnxNode node, int index, int scale, int zeroPoint)
    {
        var x = context.Activation(node, index);
        if (!x.Value.Type.IsQuantized())
            node.Fail($"input {x.Name} is {x.Value.Type.Name()}; only 8-bit integers are supported there");
        var q = Parameters(context, node, scale, zeroPoint);
        if (!q.Equals(x.Value.Quantization))
            node.Fail($"input {x.Name} has {x.Value.Quantization}, but is read with {q} (as int8)");
        return x;
    }

    /// <summary>Scale and zero point of an activation, as int8.</summary>
    public static Quantization Parameters(ImportContext context, OnnxNode node, int scale, int zeroPoint)
    {
        var q = Raw(context, node, scale, zeroPoint, null);
        var isUnsigned = !node.HasInput(zeroPoint) || context.Constant(node, zeroPoint).Tensor.Type == ElementType.UInt8;
        if (node.HasInput(zeroPoint) && !context.Constant(node, zeroPoint).Tensor.Type.IsQuantized())
            node.Fail($"zero point {node.Inputs[zeroPoint]} is no 8-bit integer");
        return isUnsigned ? QuantizedTensors.ToSigned(q) : q;
    }

    /// <summary>Scales and zero points as the file has them; one, or as many as a shape is long along the axis.</summary>
    public static Quantization Raw(ImportContext context, OnnxNode node, int scale, int zeroPoint, Shape? shape, long axis = 1)
    {
        var scales = context.Floats(node, context.Constant(node, scale));
        var zeros = new int[scales.Length];
        if (context.OptionalConstant(node, zeroPoint) is { } given)
        {
            var count = given.Tensor.Shape.ElementCount;
            if ((count != scales.Length && count != 1) || given.Tensor.Type is not (ElementType.Int8 or ElementType.UInt8 or ElementType.Int32))
                node.Fail($"{scales.Length} scales, but zero points {given.Tensor.Shape} of {given.Tensor.Type.Name()}");
            for (var i = 0; i < zeros.Length; i++)
                zeros[i] = QuantizedTensors.Integer(given.Tensor, count == 1 ? 0 : i);
        }

        if (scales.Length == 0 || scales.Any(s => !(s > 0) || !float.IsFinite(s)))
            node.Fail($"scale {node.Inputs[scale]} is not a positive number");
        if (scales.Length == 1)
            return new Quantization(scales[0], zeros[0]);
        if (shape is null)
            throw node.Fault($"{scales.Length} scales for an activation; one is allowed");
        var along = shape.Rank == 1 ? 0 : node.Axis(node.Int("axis", axis), shape.Rank);
        if (shape[along] != scales.Length)
            node.Fail($"{scales.Length} scales for {shape} along axis {along}");
        return new Quantization(scales, zeros, along);
    }

    private static void QuantizeConstant(ImportContext context, OnnxNode node, OnnxConstant constant)
    {
        var values = context.Floats(node, constant);
        var q = Raw(context, node, 1, 2, constant.Tensor.Shape);
        var isUnsigned = !node.HasInput(2) || context.Constant(node, 2).Tensor.Type == ElementType.UInt8;
        var tensor = new Tensor(isUnsigned ? ElementType.UInt8 : ElementType.Int8, constant.Tensor.Shape);
        var inner = q.IsPerChannel ? tensor.Shape.Skip(q.Axis + 1).Aggregate(1, (product, d) => product * d) : 1;
        for (var i = 0; i < values.Length; i++)
        {
            var channel = q.IsPerChannel ? i / inner % q.Scales.Count : 0;
            var rounded = Math.Round(values[i] / q.Scales[channel], MidpointRounding.ToEven) + q.ZeroPoints[channel];
            tensor.Bytes[i] = isUnsigned ? (byte)Math.Clamp(rounded, 0, 255) : unchecked((byte)(sbyte)Math.Clamp(rounded, -128, 127));
        }

        context.Define(new OnnxConstant(node.Output, tensor));
    }

    private static void RequireNoBlocks(OnnxNode node)
    {
        if (node.Int("block_size", 0) != 0)
            node.Fail("block_size is not supported; only scales for a tensor or for each channel");
    }
}
