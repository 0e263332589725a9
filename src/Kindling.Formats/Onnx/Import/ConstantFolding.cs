using Kindling.Formats.Onnx.Import.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>
/// What exporters compute from shapes and weights inside the file: constants through Reshape, Transpose, Concat, Gather, … and the Shape of activations.
/// </summary>
internal static class ConstantFolding
{
    /// <summary>Computes a node whose inputs are all constants; false when it is none of those known here.</summary>
    public static bool TryFold(ImportContext context, OnnxNode node)
    {
        if (node.Type == "Shape")
        {
            Define(context, node, Shape(context, node));
            return true;
        }

        if (node.Type is "QuantizeLinear" or "DequantizeLinear" or "Identity" || node.Inputs.Count == 0)
            return false;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            if (node.HasInput(i) && context.Input(node, i) is not OnnxConstant { Dequantized: null })
                return false;
        }

        if (Fold(context, node) is not { } tensor)
            return false;
        Define(context, node, tensor);
        return true;
    }

    private static Tensor? Fold(ImportContext context, OnnxNode node)
    {
        var x = context.Constant(node, 0).Tensor;
        context.Charge(node, x.Shape.ElementCount + 1);
        switch (node.Type)
        {
            case "Reshape":
                return Reshape(node, x, node.Opset < 5 ? node.Ints("shape") : context.Integers(node, context.Constant(node, 1)));
            case "Flatten":
                var axis = Math.Clamp(node.Int("axis", 1), 0, x.Shape.Rank);
                return Reshape(node, x, [x.Shape.Take((int)axis).Aggregate(1L, (product, d) => product * d), -1]);
            case "Squeeze":
                var squeezed = ShapeImport.Axes(context, node, x.Shape.Rank);
                return Reshape(node, x, [.. x.Shape.Where((d, i) => squeezed is null ? d != 1 : !squeezed.Contains(i)).Select(d => (long)d)]);
            case "Unsqueeze":
                return Unsqueeze(context, node, x);
            case "Transpose":
                return ConstantOrder.Transpose(x, ShapeImport.Permutation(node, x.Shape.Rank));
            case "Cast":
                return Cast(node, x);
            case "Concat":
                return Concat(context, node);
            case "Gather":
                return Gather(context, node, x);
            case "Add" or "Sub" or "Mul" or "Div":
                return Arithmetic(context, node, x, context.Constant(node, 1).Tensor);
            default:
                return null;
        }
    }

    private static Tensor Shape(ImportContext context, OnnxNode node)
    {
        var shape = context.Input(node, 0) switch
        {
            OnnxActivation activation => [context.Batch, .. activation.Layout.Shape.Skip(1)],
            OnnxConstant constant => [.. constant.Tensor.Shape],
            _ => Array.Empty<int>(),
        };
        var start = (int)Math.Clamp(Wrapped(node.Int("start", 0)), 0, shape.Length);
        var end = (int)Math.Clamp(Wrapped(node.Int("end", shape.Length)), start, shape.Length);
        return Tensor.From<long>(new Shape(end - start), Array.ConvertAll(shape[start..end], d => (long)d));

        long Wrapped(long position) => position < 0 ? position + shape.Length : position;
    }

    private static Tensor Reshape(OnnxNode node, Tensor x, IReadOnlyList<long>? target)
    {
        if (target is null || target.Count > OnnxLimits.LargestRank)
            throw node.Fault("shape is missing or too long");
        var shape = target.Select((d, i) => d == 0 && i < x.Shape.Rank ? x.Shape[i] : d).ToArray();
        var open = Array.IndexOf(shape, -1);
        long known = 1;
        foreach (var d in shape.Where((_, i) => i != open))
        {
            if (d < 0 || (d > 0 && known > int.MaxValue / d))
                throw node.Fault($"{x.Shape} cannot become [{string.Join(", ", target)}]");
            known *= d;
        }

        if (open >= 0)
            shape[open] = known == 0 ? 0 : x.Shape.ElementCount / known;
        if (shape.Aggregate(1L, (product, d) => product * d) != x.Shape.ElementCount)
            throw node.Fault($"{x.Shape} cannot become [{string.Join(", ", target)}]");
        return x.Reshape(new Shape([.. shape.Select(d => (int)d)]));
    }

    private static Tensor Unsqueeze(ImportContext context, OnnxNode node, Tensor x)
    {
        var given = node.Opset < 13 ? node.Ints("axes") : context.Integers(node, context.Constant(node, 1));
        if (given is null || given.Count + x.Shape.Rank > OnnxLimits.LargestRank)
            throw node.Fault("axes are missing or too many");
        var rank = x.Shape.Rank + given.Count;
        var axes = given.Select(a => node.Axis(a, rank)).ToHashSet();
        var rest = new Queue<int>(x.Shape);
        if (axes.Count != given.Count)
            node.Fail("adds a dimension twice");
        return x.Reshape(new Shape([.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : rest.Dequeue())]));
    }

    private static Tensor Cast(OnnxNode node, Tensor x)
    {
        var values = Doubles(x);
        return (OnnxDataType)node.Int("to", 0) switch
        {
            var real when real.IsReal() => Tensor.From<float>(x.Shape, Array.ConvertAll(values, v => (float)v)),
            OnnxDataType.Int64 => Tensor.From<long>(x.Shape, Array.ConvertAll(values, v => (long)v)),
            OnnxDataType.Int32 => Tensor.From<int>(x.Shape, Array.ConvertAll(values, v => (int)v)),
            _ => throw node.Fault($"a constant to type {node.Int("to", 0)} is not supported"),
        };
    }

    private static Tensor Concat(ImportContext context, OnnxNode node)
    {
        var parts = node.Inputs.Select((_, i) => context.Constant(node, i).Tensor).ToList();
        var first = parts[0];
        if (parts.Any(p => p.Shape.Rank != 1 || p.Type != first.Type))
            throw node.Fault("of constants is supported only for lists of one type");
        context.Charge(node, parts.Sum(p => (long)p.Shape.ElementCount));
        var result = new Tensor(first.Type, new Shape(parts.Sum(p => p.Shape.ElementCount)));
        var position = 0;
        foreach (var part in parts)
        {
            part.Bytes.CopyTo(result.Bytes[position..]);
            position += part.Bytes.Length;
        }

        return result;
    }

    private static Tensor Gather(ImportContext context, OnnxNode node, Tensor x)
    {
        if (x.Shape.Rank != 1 || node.Axis(node.Int("axis", 0), 1) != 0)
            throw node.Fault("of a constant is supported only for a list");
        var chosen = context.Constant(node, 1);
        var indices = context.Integers(node, chosen);
        var result = new Tensor(x.Type, chosen.Tensor.Shape);
        var size = x.Type.Size();
        for (var i = 0; i < indices.Length; i++)
            x.Bytes.Slice(node.Axis(indices[i], x.Shape[0]) * size, size).CopyTo(result.Bytes[(i * size)..]);
        return result;
    }

    private static Tensor? Arithmetic(ImportContext context, OnnxNode node, Tensor a, Tensor b)
    {
        if (a.Type != b.Type || a.Type is not (ElementType.Float32 or ElementType.Int64))
            return null;
        var shape = Broadcast(node, a.Shape, b.Shape);
        context.Charge(node, shape.Aggregate(1L, (product, d) => product * d));
        var (x, y) = (Spread(a, shape), Spread(b, shape));
        if (a.Type == ElementType.Float32)
        {
            return Tensor.From<float>(x.Shape, Each(
                x.AsSpan<float>().ToArray(), y.AsSpan<float>().ToArray(), (p, q) => node.Type switch { "Add" => p + q, "Sub" => p - q, "Mul" => p * q, _ => p / q }));
        }

        if (node.Type == "Div" && y.AsSpan<long>().ContainsAny(0, -1))
            node.Fail("divides integers by 0 or -1");
        return Tensor.From<long>(x.Shape, Each(
            x.AsSpan<long>().ToArray(), y.AsSpan<long>().ToArray(),
            (p, q) => unchecked(node.Type switch { "Add" => p + q, "Sub" => p - q, "Mul" => p * q, _ => p / q })));

        static T[] Each<T>(T[] first, T[] second, Func<T, T, T> combine) => [.. first.Zip(second, combine)];
    }

    // The extents both operands are repeated to, aligned to the last dimension.
    private static int[] Broadcast(OnnxNode node, Shape a, Shape b)
    {
        var shape = new int[Math.Max(a.Rank, b.Rank)];
        for (var i = 0; i < shape.Length; i++)
        {
            var (p, q) = (Extent(a, i), Extent(b, i));
            if (p != q && p != 1 && q != 1)
                node.Fail($"constants of {a} and {b} do not fit together");
            shape[i] = p == 1 ? q : p;
        }

        return shape;

        int Extent(Shape s, int i) => i < shape.Length - s.Rank ? 1 : s[i - (shape.Length - s.Rank)];
    }

    private static Tensor Spread(Tensor x, int[] shape)
    {
        var own = ConstantOrder.Strides(x.Shape.AsSpan());
        var missing = shape.Length - x.Shape.Rank;
        var strides = shape.Select((_, i) => i < missing || x.Shape[i - missing] == 1 ? 0 : own[i - missing]).ToArray();
        return ConstantOrder.Gather(x, new Shape(shape), shape, strides);
    }

    private static double[] Doubles(Tensor x)
    {
        var result = new double[x.Shape.ElementCount];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = x.Type switch
            {
                ElementType.Float32 => x.AsSpan<float>()[i],
                ElementType.Int64 => x.AsSpan<long>()[i],
                _ => QuantizedTensors.Integer(x, i),
            };
        }

        return result;
    }

    private static void Define(ImportContext context, OnnxNode node, Tensor tensor) => context.Define(new OnnxConstant(node.Output, tensor));
}
