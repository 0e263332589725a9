using System.Xml.Linq;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Reports.Charts;

/// <summary>A memory plan as SVG: time runs to the right, operator by operator; addresses run upwards from 0; each rectangle is one value.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Plan">Its plan.</param>
public sealed record MemoryPlanChart(Graph Graph, MemoryPlan Plan)
{
    private const double Left = 64;
    private const double Top = 44;
    private const double Bottom = 40;
    private const string ScratchColor = "#8a8f98";

    /// <summary>Width in CSS pixels.</summary>
    public double Width { get; init; } = 920;

    /// <summary>Height in CSS pixels.</summary>
    public double Height { get; init; } = 340;

    /// <summary>Draws the chart.</summary>
    public XElement ToSvg()
    {
        var steps = Graph.Nodes.Count;
        // The input is there before the first operator, the output after the last.
        var x = Scale.Exact(-1, steps + 1, Left, Width - 14, wanted: 12, leastStep: 1);
        var y = Scale.Exact(0, Math.Max(1, Plan.ArenaBytes) / 1024.0, Height - Bottom, Top, wanted: 5);
        var content = new List<object> { Svg.Text(Left, 16, $"Arena of {Plan.ArenaBytes / 1024.0:F1} KiB over {steps} operators", isBold: true, size: 13) };
        foreach (var tick in y.Ticks)
        {
            content.Add(Svg.Line(Left, y.Map(tick), Width - 14, y.Map(tick), Svg.Grid));
            content.Add(Svg.Text(Left - 8, y.Map(tick) + 4, $"{y.Label(tick)} KiB", "end", Svg.Muted, 11));
        }

        foreach (var tick in x.Ticks.Where(t => t >= 0 && t < steps))
            content.Add(Svg.Text(x.Map(tick + 0.5), Height - Bottom + 16, x.Label(tick), "middle", Svg.Muted, 11));
        content.Add(Svg.Text((Left + Width) / 2, Height - 6, "operator", "middle", Svg.Muted, 11));
        foreach (var placement in Plan.Placements.OrderBy(p => p.Kind == PlacementKind.Own ? 0 : 1))
            content.Add(Block(placement, x, y));
        for (var step = 0; step < steps; step++)
        {
            if (Plan.ScratchOffsets.TryGetValue(Graph.Nodes[step], out var offset))
                content.Add(Area(step, step, offset, Plan.ScratchBytes[Graph.Nodes[step]], ScratchColor, $"scratch of {Graph.Nodes[step].Name}", x, y));
        }

        for (var i = 0; i < Plan.Stages.Count; i++)
        {
            var stage = Plan.Stages[i];
            content.Add(Area(stage.First, stage.Last, Plan.StageScratchOffsets[i], stage.ScratchBytes, ScratchColor, "scratch, sums and rows of the input", x, y));
        }

        DrawLegend(content);
        return Svg.Drawing(Width, Height, "memory plan", content);
    }

    private XElement Block(Placement placement, Scale x, Scale y)
    {
        var (offset, bytes) = Area(placement);
        return Area(
            placement.FirstStep, placement.LastStep, offset, bytes, Color(placement.Kind), $"{placement.Value.Name} {placement.Value.Type}{placement.Value.Shape}", x, y,
            placement.Kind == PlacementKind.Own ? 0.7 : 0.9);
    }

    private static XElement Area(int first, int last, long offset, long bytes, string color, string what, Scale x, Scale y, double opacity = 0.9)
    {
        var (from, to) = (x.Map(Math.Max(-1, first)), x.Map(last + 1));
        var (top, bottom) = (y.Map((offset + bytes) / 1024.0), y.Map(offset / 1024.0));
        var tip = $"{what}: {bytes / 1024.0:F1} KiB at {offset / 1024.0:F1} KiB, operators {first} to {last}";
        // The smallest buffers are still to be seen.
        return Svg.Rectangle(from + 0.5, top + 0.5, Math.Max(0.5, to - from - 1), Math.Max(0.75, bottom - top - 1), color, tip, "#ffffff", 2, opacity);
    }

    /// <summary>A slice is interleaved with its neighbours; it is drawn as its share of the concatenation.</summary>
    private (long Offset, long Bytes) Area(Placement placement)
    {
        if (placement.Kind != PlacementKind.ConcatSlice
            || Graph.Consumers(placement.Value).FirstOrDefault(n => n.Operator is Concat) is not { } concat)
            return (placement.Offset, placement.Bytes);
        var parent = Plan[concat.Output];
        return (parent.Offset + ((placement.Offset - parent.Offset) * concat.Output.Shape.Pixels * Plan.Batch), placement.Bytes);
    }

    private void DrawLegend(List<object> content)
    {
        var x = Left;
        foreach (var (kind, name) in new[] { (PlacementKind.Own, "own buffer"), (PlacementKind.InPlace, "written over its input"), (PlacementKind.ConcatSlice, "slice of a concatenation"), (PlacementKind.Rows, "a few rows at a time") })
        {
            if (!Plan.Placements.Any(p => p.Kind == kind))
                continue;
            content.Add(Svg.Rectangle(x, 26, 11, 11, Color(kind), radius: 2));
            content.Add(Svg.Text(x + 16, 36, name, color: Svg.Muted, size: 11));
            x += (name.Length * 6.2) + 34;
        }

        if (Plan.ScratchOffsets.Count + Plan.Stages.Count == 0)
            return;
        content.Add(Svg.Rectangle(x, 26, 11, 11, ScratchColor, radius: 2));
        content.Add(Svg.Text(x + 16, 36, "scratch of the kernels", color: Svg.Muted, size: 11));
    }

    private static string Color(PlacementKind kind) => kind switch
    {
        PlacementKind.InPlace => "#e3a23a",
        PlacementKind.ConcatSlice => "#3fa37a",
        PlacementKind.Rows => "#b0637f",
        _ => "#5b93d3",
    };
}
