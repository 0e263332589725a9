namespace Kindling.Formats.Onnx.Import;

/// <summary>
/// How a tensor that ONNX sees as <c>[N, C, H, W]</c> lies in memory as <c>[N, H, W, C]</c>. Transposes and reshapes change only what ONNX sees;
/// the memory stays, and whoever needs another order (a fully connected layer) permutes its constants instead.
/// </summary>
internal sealed class Layout
{
    private readonly Axis[][] _logical;
    private readonly Axis[] _physical;

    private Layout(Axis[][] logical, Axis[] physical)
    {
        _logical = logical;
        _physical = physical;
    }

    /// <summary>The number of dimensions ONNX sees.</summary>
    public int Rank => _logical.Length;

    /// <summary>The extents ONNX sees, batch 1.</summary>
    public int[] Shape => [.. _logical.Select(Product)];

    /// <summary>The axes in the order of the memory, the batch first.</summary>
    public ReadOnlySpan<Axis> Physical => _physical;

    /// <summary>True when the memory has the order ONNX sees.</summary>
    public bool IsPlain => _logical.SelectMany(d => d).SequenceEqual(_physical);

    /// <summary>A tensor in memory as ONNX sees it; <paramref name="shape"/> starts with the batch.</summary>
    public static Layout Plain(params ReadOnlySpan<int> shape)
    {
        var logical = new Axis[shape.Length][];
        logical[0] = [Axis.Batch];
        for (var i = 1; i < shape.Length; i++)
            logical[i] = Dimension(shape[i]);
        return new Layout(logical, [.. logical.SelectMany(d => d)]);
    }

    /// <summary>An image: ONNX sees <c>[N, C, H, W]</c>, the memory is <c>[N, H, W, C]</c>.</summary>
    public static Layout Image(int height, int width, int channels)
    {
        var (h, w, c) = (Dimension(height), Dimension(width), Dimension(channels));
        return new Layout([[Axis.Batch], c, h, w], [Axis.Batch, .. h, .. w, .. c]);
    }

    /// <summary>The axes of one dimension.</summary>
    public Axis[] AxesOf(int dimension) => _logical[dimension];

    /// <summary>True when ONNX sees an image <c>[N, C, H, W]</c> and the memory is <c>[N, H, W, C]</c>.</summary>
    public bool IsImage =>
        Rank == 4 && ((Axis[])[.. _logical[0], .. _logical[2], .. _logical[3], .. _logical[1]]).AsSpan().SequenceEqual(_physical);

    /// <summary>Other order of the dimensions; the batch must stay in front.</summary>
    public Layout Transpose(ReadOnlySpan<int> permutation)
    {
        var logical = new Axis[permutation.Length][];
        for (var i = 0; i < logical.Length; i++)
            logical[i] = _logical[permutation[i]];
        return new Layout(logical, _physical);
    }

    /// <summary>The layout without some dimensions, or with them kept at extent 1, after a reduction took their axes out of the memory.</summary>
    public Layout Reduce(HashSet<int> dimensions, bool keep)
    {
        var gone = dimensions.SelectMany(d => _logical[d]).ToHashSet();
        var logical = keep
            ? _logical.Select((d, i) => dimensions.Contains(i) ? [] : d)
            : _logical.Where((_, i) => !dimensions.Contains(i));
        return new Layout([.. logical], [.. _physical.Where(a => !gone.Contains(a))]);
    }

    /// <summary>Other dimensions over the same elements; null when an axis would have to be torn apart. <paramref name="shape"/> starts with the batch.</summary>
    public Layout? Reshape(ReadOnlySpan<int> shape)
    {
        if (Product(_physical) != Product(shape))
            return null;
        var rest = new LinkedList<Axis>(_logical.SelectMany(d => d).Skip(1));
        var physical = _physical.ToList();
        var logical = new Axis[shape.Length][];
        logical[0] = [Axis.Batch];
        for (var i = 1; i < shape.Length; i++)
        {
            var dimension = new List<Axis>();
            var missing = shape[i];
            while (missing > 1)
            {
                var axis = rest.First!.Value;
                rest.RemoveFirst();
                if (axis.Size > missing)
                {
                    if (axis.Size % missing != 0)
                        return IsPlain ? Plain(shape) : null;
                    var (outer, inner) = (new Axis(missing), new Axis(axis.Size / missing));
                    var position = physical.IndexOf(axis);
                    physical[position] = outer;
                    physical.Insert(position + 1, inner);
                    rest.AddFirst(inner);
                    axis = outer;
                }
                else if (missing % axis.Size != 0)
                {
                    return IsPlain ? Plain(shape) : null;
                }

                dimension.Add(axis);
                missing /= axis.Size;
            }

            logical[i] = [.. dimension];
        }

        return new Layout(logical, [.. physical]);
    }

    /// <summary>True when both have the same extents and the same order in memory.</summary>
    public bool Matches(Layout other)
    {
        var (a, b) = (this, other);
        if (!a.Shape.AsSpan().SequenceEqual(b.Shape))
            return false;
        if (a.IsPlain && b.IsPlain)
            return true;
        return a.Runs().SequenceEqual(b.Runs());
    }

    /// <summary>
    /// For each axis of the memory, how far apart in a constant of the given extents (aligned to the last dimension, extent 1 repeats) two
    /// neighbours along it lie; null when the extents do not fit.
    /// </summary>
    public int[]? Strides(ReadOnlySpan<int> constant)
    {
        if (constant.Length > Rank)
            return null;
        var strides = new Dictionary<Axis, int>();
        var stride = 1;
        for (var i = Rank - 1; i >= 0; i--)
        {
            var position = i - (Rank - constant.Length);
            var extent = position < 0 ? 1 : constant[position];
            if (extent != 1 && extent != Product(_logical[i]))
                return null;
            var step = extent == 1 ? 0 : stride;
            foreach (var axis in Enumerable.Reverse(_logical[i]))
            {
                strides[axis] = step;
                step *= axis.Size;
            }

            stride *= extent;
        }

        return Array.ConvertAll(_physical, a => strides[a]);
    }

    /// <summary>The sizes of the axes in memory.</summary>
    public int[] Sizes() => Array.ConvertAll(_physical, a => a.Size);

    private static Axis[] Dimension(int extent) => extent == 1 ? [] : [new Axis(extent)];

    private static int Product(Axis[] axes) => axes.Aggregate(1, (product, a) => product * a.Size);

    private static long Product(ReadOnlySpan<int> extents)
    {
        long product = 1;
        foreach (var e in extents)
            product = checked(product * e);
        return product;
    }

    // The memory as stretches that lie together for ONNX too: how far apart neighbours are for ONNX, and how many they are.
    private List<(long Step, int Size)> Runs()
    {
        var order = _logical.SelectMany(d => d).ToArray();
        var steps = new Dictionary<Axis, long>();
        long step = 1;
        foreach (var axis in Enumerable.Reverse(order))
        {
            steps[axis] = step;
            step *= axis.Size;
        }

        var runs = new List<(long Step, int Size)>();
        foreach (var axis in _physical.Where(a => a != Axis.Batch))
        {
            if (runs.Count > 0 && runs[^1].Step == steps[axis] * axis.Size)
                runs[^1] = (steps[axis], runs[^1].Size * axis.Size);
            else
                runs.Add((steps[axis], axis.Size));
        }

        return runs;
    }
}
