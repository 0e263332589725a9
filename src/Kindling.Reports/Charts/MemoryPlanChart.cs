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
        DrawLegend(content);
        return Svg.Drawing(Width, Height, "memory plan", content);
    }

    private XElement Block(Placement placement, Scale x, Scale y)
    {
        var (offset, bytes) = Area(placement);
        var from = x.Map(Math.Max(-1, placement.FirstStep));
        var to = x.Map(placement.LastStep + 1);
        var top = y.Map((offset + bytes) / 1024.0);
        var tip = $"{placement.Value.Name} {placement.Value.Type}{placement.Value.Shape}: {bytes / 1024.0:F1} KiB at {offset / 1024.0:F1} KiB, operators {placement.FirstStep} to {placement.LastStep}";
        return Svg.Rectangle(from + 0.5, top + 0.5, to - from - 1, y.Map(offset / 1024.0) - top - 1, Color(placement.Kind), tip, "#ffffff", 2, placement.Kind == PlacementKind.Own ? 0.85 : 0.95);
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
        foreach (var (kind, name) in new[] { (PlacementKind.Own, "own buffer"), (PlacementKind.InPlace, "written over its input"), (PlacementKind.ConcatSlice, "slice of a concatenation") })
        {
            if (!Plan.Placements.Any(p => p.Kind == kind))
                continue;
            content.Add(Svg.Rectangle(x, 26, 11, 11, Color(kind), radius: 2));
            content.Add(Svg.Text(x + 16, 36, name, color: Svg.Muted, size: 11));
            x += (name.Length * 6.2) + 34;
        }
    }

    private static string Color(PlacementKind kind) => kind switch
    {
        PlacementKind.InPlace => "#e3a23a",
        PlacementKind.ConcatSlice => "#3fa37a",
        _ => "#5b93d3",
    };
}
