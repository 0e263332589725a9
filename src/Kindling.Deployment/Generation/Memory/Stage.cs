using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>Nodes that run a few rows at a time (<c>firmware/kernels/kindling_stage.h</c>): their operators and the bands of rows between them.</summary>
internal sealed class Stage
{
    /// <summary>Most operators of a stage: <c>kindling_stage.c</c> has no room for more.</summary>
    public const int MostOperators = 32;

    private Stage(int first, int last, IReadOnlyList<StagedOperator> operators, IReadOnlyList<StageBand> bands, bool hasRowsOfInput)
    {
        First = first;
        Last = last;
        Operators = operators;
        Bands = bands;
        HasRowsOfInput = hasRowsOfInput;
        Schedule = new StageSchedule(this);
    }

    /// <summary>The first node.</summary>
    public int First { get; }

    /// <summary>The last node.</summary>
    public int Last { get; }

    /// <summary>The operators, each behind those whose rows it reads.</summary>
    public IReadOnlyList<StagedOperator> Operators { get; }

    /// <summary>Every image that is read or written.</summary>
    public IReadOnlyList<StageBand> Bands { get; }

    /// <summary>True when the first operator asks the application for rows of the network's input.</summary>
    public bool HasRowsOfInput { get; }

    /// <summary>What runs when.</summary>
    public StageSchedule Schedule { get; }

    /// <summary>The place of an image in <see cref="Bands"/>; -1 for null and for sums, which have no rows.</summary>
    public int Band(Value? value)
    {
        for (var i = 0; value is not null && i < Bands.Count; i++)
        {
            if (ReferenceEquals(Bands[i].Image, value) || Bands[i].Slices.Contains(value))
                return i;
        }

        return -1;
    }

    /// <summary>The stage of the nodes from <paramref name="first"/> to <paramref name="last"/>, or null where they cannot be one.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="whole">Its plan without stages, which says what is written straight into concatenations.</param>
    /// <param name="first">The first node.</param>
    /// <param name="last">The last node.</param>
    /// <param name="block">Rows an operator makes at a time.</param>
    /// <param name="rowsOfInput">True: the network's input comes in rows.</param>
    public static Stage? Create(Graph graph, MemoryPlan whole, int first, int last, int block, bool rowsOfInput)
    {
        var operators = new List<StagedOperator>();
        var owners = new Dictionary<Value, Value>();
        for (var step = first; step <= last; step++)
        {
            var node = graph.Nodes[step];
            if (node.Operator is Concat && whole.SkippedNodes.Contains(node))
            {
                foreach (var slice in node.Inputs)
                    owners.Add(slice, node.Output);
            }
            else if (StagedOperator.Of(node) is { } op && !whole.SkippedNodes.Contains(node))
            {
                operators.Add(op);
            }
            else
            {
                return null;
            }
        }

        var isOurs = operators.Select(o => o.Output).Concat(owners.Values).ToHashSet();
        // A concatenation and all that write it are in the stage, or none of them; concatenations of concatenations are left alone.
        var isTorn = operators.Any(o => whole[o.Output].Kind == PlacementKind.ConcatSlice && !owners.ContainsKey(o.Output))
            || owners.Any(o => !isOurs.Contains(o.Key) || owners.ContainsKey(o.Value) || owners.ContainsValue(o.Key));
        // A sum is known when the stage is over.
        isTorn |= operators.Where(o => o.IsSum).Any(o => operators.Any(r => r.Node!.Inputs.Contains(o.Output)));
        if (isTorn || operators.Count == 0 || operators.All(o => o.IsSum))
            return null;

        var bands = new List<StageBand>();
        foreach (var value in operators.SelectMany(o => new[] { o.Input, o.Second, o.IsSum ? null : o.Output }).OfType<Value>().Select(v => owners.GetValueOrDefault(v, v)).Distinct().ToList())
        {
            var isMade = isOurs.Contains(value);
            var isInput = graph.Inputs.Contains(value) && rowsOfInput;
            var isWhole = !isInput && (!isMade || graph.Outputs.Contains(value) || graph.Consumers(value).Any(n => !IsInside(n)));
            bands.Add(new StageBand(value, [.. owners.Where(o => ReferenceEquals(o.Value, value)).Select(o => o.Key)], isMade || isInput, isWhole));
            if (isInput)
                operators.Insert(0, new StagedOperator(null, null, null, value, 0, 1, 0));
        }

        if (operators.Count > MostOperators)
            return null;
        // Vectors that ADD and MUL read whole must be there before.
        var isEarly = operators.Any(o => o.Node is not null && o.Node.Inputs.Any(i => isOurs.Contains(i) && !ReferenceEquals(i, o.Input) && !ReferenceEquals(i, o.Second)));
        if (isEarly)
            return null;
        WithRows(operators, bands);
        return new Stage(first, last, [.. operators.Select(o => o with { Block = Math.Clamp(block, 1, o.Rows) })], bands, operators[0].Node is null);

        bool IsInside(Node node)
        {
            for (var step = first; step <= last; step++)
            {
                if (ReferenceEquals(graph.Nodes[step], node))
                    return true;
            }

            return false;
        }
    }

    /// <summary>What the planner of the whole arena has to know.</summary>
    /// <param name="layouts">Scratch of the convolutions.</param>
    public MemoryStage ToMemoryStage(ConvolutionLayouts layouts)
    {
        var rows = new Dictionary<Value, long>();
        for (var i = 0; i < Bands.Count; i++)
        {
            var band = Bands[i];
            // Rows of the network's input lie in the scratch of each stage that asks for them.
            if (!band.IsWhole)
                rows[band.Image] = band.IsMade && Operators.Any(o => o.Node is null && ReferenceEquals(o.Output, band.Image)) ? 0 : Schedule.BandBytes(i);
        }

        return new MemoryStage(First, Last, rows, ScratchBytes(layouts), Schedule.Distances);
    }

    /// <summary>Scratch of the largest kernel, then the rows of the network's input, then the sums.</summary>
    public long ScratchBytes(ConvolutionLayouts layouts) => KernelScratchBytes(layouts) + InputRowBytes + Operators.Sum(SumBytes);

    /// <summary>Scratch of the largest kernel.</summary>
    public long KernelScratchBytes(ConvolutionLayouts layouts) =>
        (Operators.Where(o => o.Node is not null).Select(o => layouts.ScratchBytes(o.Node!, o.Block)).DefaultIfEmpty(0).Max() + 3) & -4;

    /// <summary>Bytes of the rows of the network's input that are kept.</summary>
    public long InputRowBytes => HasRowsOfInput ? (Schedule.BandBytes(Band(Operators[0].Output)) + 3) & -4 : 0;

    /// <summary>Bytes of the 32-bit sums of an operator.</summary>
    public static long SumBytes(StagedOperator op) => op.IsSum ? sizeof(int) * (long)op.Input!.Shape.Channels : 0;

    // Only the rows that somebody reads are made.
    private static void WithRows(List<StagedOperator> operators, List<StageBand> bands)
    {
        for (var i = operators.Count - 1; i >= 0; i--)
        {
            var op = operators[i];
            var rows = op.IsSum ? op.InputHeight : op.Output.Shape.Height;
            var band = op.IsSum ? null : bands.First(b => ReferenceEquals(b.Image, op.Output) || b.Slices.Contains(op.Output));
            if (band is { IsWhole: false })
            {
                rows = operators.Skip(i + 1).Where(r => ReferenceEquals(r.Input, band.Image) || ReferenceEquals(r.Second, band.Image))
                    .Select(r => r.EndNeeded(r.Rows - 1, 1)).DefaultIfEmpty(0).Max();
            }

            operators[i] = op with { Rows = rows };
        }
    }
}
