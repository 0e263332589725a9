using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Add, Sub, Mul, Div and Sum, with ONNX's broadcasting from the last dimension (and the older one from a stated axis).</summary>
internal static class BinaryImport
{
    public static void Add(ImportContext context, OnnxNode node) => Combine(context, node, product: false, v => v);

    public static void Multiply(ImportContext context, OnnxNode node) => Combine(context, node, product: true, v => v);

    public static void Divide(ImportContext context, OnnxNode node)
    {
        context.FloatActivation(node);
        if (context.Input(node, 1) is not OnnxConstant)
            node.Fail("a quotient of two computed tensors is not supported; only the divisor may be a constant");
        Combine(context, node, product: true, v => 1 / v);
    }

    public static void Subtract(ImportContext context, OnnxNode node)
    {
        if (context.Input(node, 1) is OnnxConstant)
        {
            context.FloatActivation(node);
            Combine(context, node, product: false, v => -v);
            return;
        }

        var second = context.FloatActivation(node, 1);
        if (context.Input(node, 0) is OnnxActivation)
        {
            var first = context.FloatActivation(node);
            var (x, y) = Operands(context, node, first, second);
            if (x.Name == first.Name)
            {
                context.Define(node, context.Emit(node, new Subtract(), x.Value, y), x.Layout);
                return;
            }
        }

        var negative = context.EmitPart(
            node, "negative", new Multiply(), second.Value, ActivationImport.PerChannel(context, node, second.Value, -1, "minus_one"));
        Sum(context, node, context.Input(node, 0), second with { Value = negative }, last: true);
    }

    public static void Sum(ImportContext context, OnnxNode node)
    {
        var sum = context.Input(node, 0);
        for (var i = 1; i < node.Inputs.Count; i++)
            sum = Sum(context, node, sum, context.Input(node, i), last: i == node.Inputs.Count - 1);
        if (node.Inputs.Count == 1)
            Alias(context, node, sum);
    }

    /// <summary>Another name for the same tensor.</summary>
    public static void Alias(ImportContext context, OnnxNode node, OnnxValue value) => context.Define(value with { Name = node.Output });

    /// <summary>The two operands in the order and shapes the graph's operators take; the first gives the result its shape.</summary>
    public static (OnnxActivation X, Value Y) Operands(ImportContext context, OnnxNode node, OnnxActivation a, OnnxActivation b)
    {
        if (a.Layout.Matches(b.Layout))
            return (a, context.Reshaped(node, b.Value, a.Value.Shape));
        if (PerChannel(context, node, a, b) is { } second)
            return second;
        if (PerChannel(context, node, b, a) is { } first)
            return first;
        throw node.Fault(
            $"{a.Name} [{string.Join(", ", a.Layout.Shape)}] and {b.Name} [{string.Join(", ", b.Layout.Shape)}] cannot be combined; "
            + "supported are equal extents in the same order, and one value a channel");
    }

    private static (OnnxActivation X, Value Y)? PerChannel(ImportContext context, OnnxNode node, OnnxActivation image, OnnxActivation row)
    {
        var (shape, other) = (image.Layout.Shape, row.Layout.Shape);
        var fits = image.Layout.IsImage && other.Length == 4 && other[1] == shape[1] && other[2] == 1 && other[3] == 1 && row.Layout.IsImage;
        if (!fits)
            return null;
        var x = context.Image(node, image);
        return (image with { Value = x }, context.Reshaped(node, row.Value, new Shape(1, 1, 1, shape[1])));
    }

    private static void Combine(ImportContext context, OnnxNode node, bool product, Func<float, float> change)
    {
        Operator op = product ? new Multiply() : new Add();
        var (a, b) = (context.Input(node, 0), context.Input(node, 1));
        if (a is OnnxActivation x && b is OnnxActivation y)
        {
            context.FloatActivation(node, 0);
            context.FloatActivation(node, 1);
            var (first, second) = Operands(context, node, x, y);
            context.Define(node, context.Emit(node, op, first.Value, second), first.Layout);
            return;
        }

        var activation = a as OnnxActivation ?? b as OnnxActivation ?? throw node.Fault("two constants of these types cannot be combined");
        var constant = a as OnnxConstant ?? (OnnxConstant)b;
        if (activation.Value.Type != ElementType.Float32)
            node.Fail($"input {activation.Name} is {activation.Value.Type.Name()}; only float32 is supported there");
        var operand = Constant(context, node, activation, constant, product ? "factor" : "summand", change);
        var isBias = !product && operand.IsConstant && operand.Shape.Rank == 1 && operand.Type == ElementType.Float32;
        if (isBias && context.TryReplaceLast(activation, node, layer => WithBias(layer, operand, node)))
            return;
        context.Define(node, context.Emit(node, op, activation.Value, operand), activation.Layout);
    }

    // A sum right after a layer without bias is its bias, as TensorFlow's exporters write it.
    private static Node? WithBias(Node layer, Value bias, OnnxNode sum)
    {
        var takesBias = layer.Operator is Conv2D or DepthwiseConv2D or Dense && layer.Inputs.Count == 2
            && layer.Output.Shape.Channels == bias.Shape[0];
        return takesBias
            ? new Node(layer.Name, layer.Operator, [.. layer.Inputs, bias], new Value(sum.Output, layer.Output.Type, layer.Output.Shape))
            : null;
    }

    private static OnnxActivation Sum(ImportContext context, OnnxNode node, OnnxValue a, OnnxValue b, bool last)
    {
        OnnxActivation x;
        Value y;
        if (a is OnnxActivation first && b is OnnxActivation second)
        {
            (x, y) = Operands(context, node, first, second);
        }
        else
        {
            x = a as OnnxActivation ?? b as OnnxActivation ?? throw node.Fault("sums of constants are not supported");
            y = Constant(context, node, x, a as OnnxConstant ?? (OnnxConstant)b, "summand", v => v);
        }

        if (x.Value.Type != ElementType.Float32 || y.Type != ElementType.Float32)
            node.Fail("only float32 is supported");
        var value = last ? context.Emit(node, new Add(), x.Value, y) : context.EmitPart(node, "sum", new Add(), x.Value, y);
        var sum = new OnnxActivation(node.Output, value, x.Layout);
        if (last)
            context.Define(sum);
        return sum;
    }

    /// <summary>A constant operand in the order of the memory: one value a channel where that is enough, else one for every element.</summary>
    public static Value Constant(
        ImportContext context, OnnxNode node, OnnxActivation x, OnnxConstant constant, string role, Func<float, float> change)
    {
        var extents = Extents(node, x, constant.Tensor.Shape);
        var strides = x.Layout.Strides(extents) ?? throw node.Fault(
            $"constant {constant.Name} {constant.Tensor.Shape} does not fit {x.Name} [{string.Join(", ", x.Layout.Shape)}]");
        var sizes = x.Layout.Sizes();
        var channels = x.Value.Shape.Channels;
        // The axes that make up the value's last dimension.
        var first = sizes.Length;
        for (var covered = 1; first > 0 && covered < channels; covered *= sizes[first])
            first--;
        var coversChannels = sizes.Skip(first).Aggregate(1, (product, s) => product * s) == channels;
        var isPerChannel = coversChannels && strides.Take(first).All(s => s == 0);
        var shape = isPerChannel ? new Shape(channels) : x.Value.Shape;
        var (innerSizes, innerStrides) = isPerChannel ? (sizes[first..], strides[first..]) : (sizes, strides);
        var key = $"{role} {shape} {string.Join(' ', innerSizes)} by {string.Join(' ', innerStrides)}";
        context.Charge(node, shape.ElementCount);
        var isIdentity = change(2) == 2;
        if (isIdentity && constant.Dequantized is { IsPerChannel: false })
            return context.Parameter(node, constant, key, 0, t => ConstantOrder.Gather(t, shape, innerSizes, innerStrides));
        var values = context.Floats(node, constant);
        var changed = new OnnxConstant(
            constant.Name, Tensor.From<float>(constant.Tensor.Shape, isIdentity ? values : Array.ConvertAll(values, v => change(v))));
        return context.Parameter(
            node, changed, $"{key} {(isIdentity ? "" : node.Type)}", 0, t => ConstantOrder.Gather(t, shape, innerSizes, innerStrides));
    }

    // Before opset 7 a constant's extents were laid against those from "axis" on; without it, against the last ones.
    private static int[] Extents(OnnxNode node, OnnxActivation x, Shape constant)
    {
        int[] extents = [.. constant];
        if (node.Opset < 7 && node.Has("axis") && constant.Rank > 0)
        {
            var axis = node.Axis(node.Int("axis", 0), x.Layout.Rank);
            if (axis + constant.Rank > x.Layout.Rank)
                node.Fail($"a constant of {constant} does not fit from axis {axis} on");
            extents = [.. extents, .. Enumerable.Repeat(1, x.Layout.Rank - axis - constant.Rank)];
        }

        return extents.Length > x.Layout.Rank && extents.Take(extents.Length - x.Layout.Rank).All(e => e == 1)
            ? extents[^x.Layout.Rank..]
            : extents;
    }
}
