namespace Kindling.Formats.Onnx.Import.Operators;

/// <summary>Reshape, Flatten, Squeeze, Unsqueeze and Transpose: they change what ONNX sees, not the memory.</summary>
internal static class ShapeImport
{
    public static void Reshape(ImportContext context, OnnxNode node)
    {
        var x = context.Activation(node);
        var target = node.Opset < 5
            ? node.Ints("shape") ?? throw node.Fault("shape is missing")
            : context.Integers(node, context.Constant(node, 1));
        var shape = Resolve(context, node, x.Layout.Shape, target);
        Define(context, node, x, shape);
    }

    public static void Flatten(ImportContext context, OnnxNode node)
    {
        var x = context.Activation(node);
        var shape = x.Layout.Shape;
        // The axis may lie behind the last dimension.
        var axis = node.Int("axis", 1) == shape.Length ? shape.Length : node.Axis(node.Int("axis", 1), shape.Length);
        if (axis == 0 || shape.Skip(1).Take(axis - 1).Any(d => d != 1))
            node.Fail($"axis {axis} would join the batch with other dimensions");
        Define(context, node, x, [1, Product(node, shape.Skip(axis))]);
    }

    public static void Squeeze(ImportContext context, OnnxNode node)
    {
        var x = context.Activation(node);
        var shape = x.Layout.Shape;
        var axes = Axes(context, node, shape.Length) ?? [.. Enumerable.Range(1, shape.Length - 1).Where(i => shape[i] == 1)];
        foreach (var axis in axes)
        {
            if (axis == 0)
                node.Fail("takes the batch away, which is not supported");
            if (shape[axis] != 1)
                node.Fail($"dimension {axis} is {shape[axis]}, not 1");
        }

        Define(context, node, x, [.. shape.Where((_, i) => !axes.Contains(i))]);
    }

    public static void Unsqueeze(ImportContext context, OnnxNode node)
    {
        var x = context.Activation(node);
        var shape = x.Layout.Shape;
        var given = node.Opset < 13 ? node.Ints("axes") : context.Integers(node, context.Constant(node, 1));
        if (given is null || given.Count + shape.Length > OnnxLimits.LargestRank)
            throw node.Fault("axes are missing or too many");
        var rank = shape.Length + given.Count;
        var axes = given.Select(a => node.Axis(a, rank)).ToHashSet();
        if (axes.Contains(0) || axes.Count != given.Count)
            node.Fail("adds a dimension before the batch, or one twice");
        var rest = new Queue<int>(shape);
        Define(context, node, x, [.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : rest.Dequeue())]);
    }

    public static void Transpose(ImportContext context, OnnxNode node)
    {
        var x = context.Activation(node);
        var permutation = Permutation(node, x.Layout.Rank);
        if (permutation[0] != 0)
            node.Fail($"perm [{string.Join(", ", permutation)}] moves the batch, which is not supported");
        context.Define(node, x.Value, x.Layout.Transpose(permutation));
    }

    /// <summary>The attribute "perm", checked; reversed dimensions when it is missing.</summary>
    public static int[] Permutation(OnnxNode node, int rank)
    {
        var given = node.Ints("perm");
        if (given is null || given.Count == 0)
            return [.. Enumerable.Range(0, rank).Reverse()];
        if (given.Count != rank || !given.Order().SequenceEqual(Enumerable.Range(0, rank).Select(i => (long)i)))
            node.Fail($"perm [{string.Join(", ", given.Take(8))}] is no order of {rank} dimensions");
        return [.. given.Select(p => (int)p)];
    }

    /// <summary>The axes of Squeeze: an attribute before opset 13, an input after; null when left out.</summary>
    public static HashSet<int>? Axes(ImportContext context, OnnxNode node, int rank)
    {
        var given = node.Opset < 13 ? node.Ints("axes") : node.HasInput(1) ? context.Integers(node, context.Constant(node, 1)) : null;
        return given?.Select(a => node.Axis(a, rank)).ToHashSet();
    }

    private static void Define(ImportContext context, OnnxNode node, OnnxActivation x, int[] shape)
    {
        var layout = x.Layout.Reshape(shape) ?? throw node.Fault(
            $"[{string.Join(", ", x.Layout.Shape)}] to [{string.Join(", ", shape)}] would reorder the image in memory, which is not supported");
        context.Define(node, x.Value, layout);
    }

    private static int[] Resolve(ImportContext context, OnnxNode node, int[] from, IReadOnlyList<long> target)
    {
        if (target.Count is 0 or > OnnxLimits.LargestRank)
            node.Fail($"to {target.Count} dimensions is not supported");
        var copiesZero = node.Int("allowzero", 0) == 0;
        var elements = Product(node, from);
        var shape = new int[target.Count];
        var open = -1;
        for (var i = 0; i < shape.Length; i++)
        {
            var isBatch = i == 0 && (target[0] is -1 or 1 || (target[0] == 0 && copiesZero) || target[0] == context.Batch);
            if (isBatch)
                shape[i] = 1;
            else if (i > 0 && target[i] == 0 && copiesZero && i < from.Length)
                shape[i] = from[i];
            else if (i > 0 && target[i] == -1 && open < 0)
                open = i;
            else if (i > 0 && target[i] > 0 && target[i] <= elements)
                shape[i] = (int)target[i];
            else
                throw Moves();
        }

        var known = Product(node, shape.Where((_, i) => i != open));
        if (open >= 0)
            shape[open] = elements / known;
        // With a batch of -1 nothing else may be left open, or the batch could change.
        if (Product(node, shape) != elements || (target[0] == -1 && open >= 0))
            throw Moves();
        return shape;

        ModelFormatException Moves() => node.Fault(
            $"[{string.Join(", ", from)}] to [{string.Join(", ", target)}] does not keep the batch in front, or has another number of elements");
    }

    private static int Product(OnnxNode node, IEnumerable<int> extents)
    {
        long product = 1;
        foreach (var e in extents)
        {
            product *= e;
            if (product is < 1 or > int.MaxValue)
                node.Fail("has no elements, or too many");
        }

        return (int)product;
    }
}
