using System.Globalization;
using System.Xml.Linq;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Reports.Charts;

namespace Kindling.Reports.Tests;

public sealed class ChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_line_chart_draws_each_series_within_its_frame()
    {
        var chart = new LineChart("Loss", "epoch", [new Series("a", [(1, 2.5), (2, 1.25), (3, double.NaN)]), new Series("b", [(1, 0.5), (2, 0.25)])]);

        var lines = chart.ToSvg().Elements(Svg + "polyline").Where(p => (string)p.Attribute("stroke-width")! == "2").Select(Points).ToList();

        Assert.Equal(2, lines.Count);
        Assert.Equal(2, lines[0].Count);
        Assert.All(lines.SelectMany(l => l), p => Assert.True(p.X >= 0 && p.X <= chart.Width && p.Y >= 0 && p.Y <= chart.Height));
        Assert.True(lines[0][0].Y < lines[0][1].Y, "a higher value is drawn further up");
        Assert.True(lines[0][1].Y < lines[1][1].Y);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_line_chart_of_hardly_any_points_is_still_a_drawing(int count)
    {
        var svg = new LineChart("Loss", "epoch", [new Series("a", [.. Enumerable.Repeat((1.0, 0.0), count)])]).ToSvg();

        Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", svg.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_confusion_matrix_has_a_cell_for_every_pair_with_its_count()
    {
        var metrics = MetricsTests.Count(["cat", "dog"], [(0, 0), (0, 0), (0, 1), (1, 1)]);

        var svg = new ConfusionMatrixChart("Float", metrics.ClassNames, metrics.Confusion).ToSvg();

        Assert.Equal(4, svg.Elements(Svg + "rect").Count());
        Assert.Contains(svg.Descendants(Svg + "title"), t => t.Value == "1 of cat predicted as dog (33.3 %)");
    }

    [Fact]
    public void A_confusion_matrix_of_a_thousand_classes_leaves_out_the_numbers()
    {
        var names = Enumerable.Range(0, 60).Select(i => $"class {i}").ToList();
        var metrics = MetricsTests.Count(names, [(0, 0)]);

        Assert.True(new ConfusionMatrixChart("Float", names, metrics.Confusion).ToSvg().Elements(Svg + "text").Count() < 10);
    }

    [Fact]
    public void The_memory_plan_draws_every_placement_inside_the_arena()
    {
        var graph = ReportTests.Network();
        var plan = MemoryPlanner.Plan(graph);
        var chart = new MemoryPlanChart(graph, plan);

        var blocks = chart.ToSvg().Elements(Svg + "rect").Where(r => r.Element(Svg + "title") is not null).ToList();

        Assert.Equal(plan.Placements.Count, blocks.Count);
        Assert.All(blocks, b => Assert.True(Number(b, "y") >= 0 && Number(b, "y") + Number(b, "height") <= chart.Height));
        Assert.All(blocks, b => Assert.True(Number(b, "x") >= 0 && Number(b, "x") + Number(b, "width") <= chart.Width));
    }

    [Fact]
    public void The_slices_of_a_concatenation_are_drawn_side_by_side()
    {
        var b = new GraphBuilder("fork");
        var x = b.Input("x", 1, 8, 8, 4);
        var joined = b.Concat("joined", b.Conv2D(x, 4, 1, name: "left"), b.Conv2D(x, 12, 1, name: "right"));
        var graph = b.Build(null, joined);
        var plan = MemoryPlanner.Plan(graph);
        Assert.Contains(plan.Placements, p => p.Kind == PlacementKind.ConcatSlice);

        var svg = new MemoryPlanChart(graph, plan).ToSvg();
        var left = Block(svg, "left");
        var right = Block(svg, "right");

        Assert.Equal(Number(left, "y"), Number(right, "y") + Number(right, "height") + 1, 1);
    }

    [Fact]
    public void The_longest_bar_belongs_to_the_largest_value()
    {
        var bars = new BarChart("Work", [new Bar("a", 1, "1"), new Bar("b", 4, "4"), new Bar("c", 0, "0")]).ToSvg().Elements(Svg + "rect").ToList();

        Assert.Equal(4, Number(bars[1], "width") / Number(bars[0], "width"), 1);
    }

    private static XElement Block(XElement svg, string value) =>
        svg.Elements(Svg + "rect").Single(r => r.Element(Svg + "title")?.Value.StartsWith($"{value} ", StringComparison.Ordinal) == true);

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    private static List<(double X, double Y)> Points(XElement polyline) =>
    [
        .. polyline.Attribute("points")!.Value.Split(' ').Select(p => p.Split(',')).Select(p =>
            (double.Parse(p[0], CultureInfo.InvariantCulture), double.Parse(p[1], CultureInfo.InvariantCulture))),
    ];
}
