using System.Xml.Linq;
using Kindling.Reports.Charts;
using Kindling.Tensors;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>The network layer by layer, and its memory plan.</summary>
internal static class NetworkSection
{
    private const int MostBars = 14;

    public static XElement Create(ReportModel model)
    {
        if (model.Layers.Content is not { } summary)
            return Section("network", "Network", Missing(model.Layers.Reason!));
        var heaviest = summary.Layers.Where(l => l.Macs > 0).OrderByDescending(l => l.Macs).Take(MostBars).ToList();
        var largest = summary.Layers.Where(l => l.WeightBytes > 0).OrderByDescending(l => l.WeightBytes).Take(MostBars).ToList();
        var macs = Math.Max(1, summary.Macs);
        return Section("network", "Network",
            El("p", $"{summary.Name}: {Count(summary.Layers.Count)} operators, {Count(summary.Parameters)} parameters, {Count(summary.Macs)} multiply-accumulates, {Kib(summary.WeightBytes)} of weights."),
            El("div.pair",
                new BarChart("Where the work is", [.. heaviest.Select(l => new Bar(l.Name, l.Macs, $"{Millions(l.Macs)} ({Percent((double)l.Macs / macs, 0)})"))]).ToSvg(),
                new BarChart("Where the weights are", [.. largest.Select(l => new Bar(l.Name, l.WeightBytes, Kib(l.WeightBytes)))]) { Color = Svg.Palette[2] }.ToSvg()),
            El("details", El("summary", $"All {summary.Layers.Count} operators"),
                Table(
                    ["#", "layer", "operator", "output", "type", "#parameters", "#weights", "#MACs"],
                    summary.Layers.Select((l, i) => (IReadOnlyList<object>)
                    [
                        $"{i}", l.Name, l.Kind, l.OutputShape.ToString(), l.OutputType.Name(), Count(l.Parameters), l.WeightBytes > 0 ? Kib(l.WeightBytes) : "", l.Macs > 0 ? Count(l.Macs) : "",
                    ]))));
    }

    public static XElement CreateMemory(ReportModel model) =>
        model.Memory.Content is not { } memory
            ? Section("memory", "Memory plan", Missing(model.Memory.Reason!))
            : Section("memory", "Memory plan",
                El("p", "Every activation and where it lives in the one static arena: time runs to the right, addresses upwards. Point at a rectangle to read its name. "
                    + "The generated C uses exactly this plan."),
                new MemoryPlanChart(memory.Graph, memory.Plan).ToSvg());
}
