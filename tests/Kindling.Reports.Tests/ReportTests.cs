using System.Xml.Linq;
using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Reports.Tests;

public sealed class ReportTests
{
    [Fact]
    public void A_report_with_every_part_is_well_formed_and_needs_no_other_file()
    {
        var html = HtmlReport.Render(Full());
        var page = Parse(html);

        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("link"));
        Assert.All(page.Descendants("img"), i => Assert.StartsWith("data:image/png;base64,", i.Attribute("src")!.Value, StringComparison.Ordinal));
        Assert.All(page.Descendants("a"), a => Assert.Contains(page.Descendants("section"), s => $"#{s.Attribute("id")?.Value}" == a.Attribute("href")!.Value));
        Assert.DoesNotContain(page.Descendants("p"), p => (string?)p.Attribute("class") == "missing");
    }

    [Fact]
    public void The_cards_show_both_accuracies_and_their_difference()
    {
        var cards = Cards(Full());

        Assert.Equal("75.00\u00a0%", cards["Float accuracy"]);
        Assert.Equal("50.00\u00a0%", cards["Int8 accuracy"]);
        Assert.Equal("−25.00", cards["Int8 minus float"]);
        Assert.Equal("2.50 M", cards["Instructions"]);
    }

    [Fact]
    public void Parts_that_are_missing_are_replaced_by_the_sentence_that_says_why()
    {
        const string reason = "QEMU was not found: install the package qemu-system-arm.";
        var page = Parse(HtmlReport.Render(Bare() with { Device = ReportPart.Missing<DeviceResult>(reason) }));

        Assert.Contains(page.Descendants("p"), p => (string?)p.Attribute("class") == "missing" && p.Value == reason);
        Assert.Equal("–", Cards(Bare())["Instructions"]);
    }

    [Fact]
    public void The_quantization_methods_tried_are_listed_and_the_one_kept_is_marked()
    {
        var page = Parse(HtmlReport.Render(Full()));
        var section = page.Descendants("section").Single(s => (string?)s.Attribute("id") == "quantization");
        var rows = section.Descendants("tbody").Single().Elements("tr").Select(r => r.Elements("td").Select(c => c.Value).ToList()).ToList();

        Assert.Equal(["tflite", "75.00\u00a0%", "99.00\u00a0%", "20.23", "18.3\u00a0dB", "1.5"], rows[0]);
        Assert.Equal("minmax + adaround (kept)", rows[1][0]);
        Assert.Equal("minmax + adaround (kept)", section.Descendants("span").Single(s => (string?)s.Attribute("class") == "right").Value);
        Assert.Contains(page.Descendants("a"), a => a.Attribute("href")!.Value == "#quantization");
    }

    [Fact]
    public void Without_a_search_for_the_quantization_method_there_is_no_section_of_methods()
    {
        var page = Parse(HtmlReport.Render(Bare()));

        Assert.DoesNotContain(page.Descendants("section"), s => (string?)s.Attribute("id") == "quantization");
        Assert.DoesNotContain(page.Descendants("a"), a => a.Attribute("href")!.Value == "#quantization");
    }

    [Fact]
    public void Names_from_the_user_cannot_break_the_page()
    {
        var page = Parse(HtmlReport.Render(Bare() with { Title = "<script>alert(1)</script> & co" }));

        Assert.Empty(page.Descendants("script"));
        Assert.Equal("<script>alert(1)</script> & co", page.Descendants("h1").Single().Value);
    }

    [Fact]
    public void Elements_without_content_are_closed_the_way_browsers_expect()
    {
        var html = HtmlReport.Render(Full());
        var withoutDrawings = System.Text.RegularExpressions.Regex.Replace(html, "<svg.*?</svg>", "", System.Text.RegularExpressions.RegexOptions.Singleline);

        Assert.DoesNotMatch(@"<(?!meta|img|br|hr)[a-z0-9]+(\s[^<>]*)?/>", withoutDrawings);
    }

    internal static Graph Network()
    {
        var b = new GraphBuilder("tiny");
        var x = b.Input("input", 1, 16, 16, 3);
        x = b.Relu6(b.Conv2D(x, 8, 3, 2, name: "conv1"), "relu1");
        x = b.Relu6(b.DepthwiseConv2D(x, 3, name: "depthwise"), "relu2");
        x = b.Dense(b.GlobalAveragePool(x), 2, name: "dense");
        return b.Build(null, b.Softmax(x));
    }

    private static Dictionary<string, string> Cards(ReportModel model) =>
        Parse(HtmlReport.Render(model)).Descendants("div").Where(d => ((string?)d.Attribute("class"))?.Split(' ')[0] == "card")
            .ToDictionary(d => d.Elements().First().Value, d => d.Elements().ElementAt(1).Value);

    private static XElement Parse(string html) => XDocument.Parse(html.Replace("<!DOCTYPE html>\n", "", StringComparison.Ordinal)).Root!;

    private static ReportModel Bare() => new() { Title = "bare", Reproduction = new Reproduction("kindling run", [], null) };

    private static ReportModel Full()
    {
        var graph = Network();
        return Bare() with
        {
            Training = ReportPart.Of(new TrainingHistory([new(1, 0.01, 1.2, 0.4, 1.1, 0.5, 1000), new(2, 0.005, 0.9, 0.6, 0.8, 0.75, 1100)], 2, 12)),
            FloatAccuracy = ReportPart.Of(MetricsTests.Count(["cat", "dog"], [(0, 0), (0, 0), (1, 1), (1, 0)])),
            Int8Accuracy = ReportPart.Of(MetricsTests.Count(["cat", "dog"], [(0, 0), (0, 1), (1, 1), (1, 0)])),
            Quantization = new QuantizationComparison(256, 0.75, [new("tflite", false, 0.75, 0.99, 0.02023, 18.3, 1.5), new("minmax + adaround", true, 0.76, 1, 0.0008, 16.1, 8)]),
            Mistakes = ReportPart.Of<IReadOnlyList<Mistake>>([new Mistake("dog/7.jpg", "dog", "cat", 0.98, 0.02, new byte[] { 1, 2, 3 })]),
            Layers = ReportPart.Of(GraphSummary.Of(graph)),
            Memory = ReportPart.Of(new MemoryLayout(graph, MemoryPlanner.Plan(graph))),
            Device = ReportPart.Of(new DeviceResult
            {
                Target = "Cortex-M7, QEMU mps2-an500",
                ActivationRamBytes = 4096,
                RuntimeRamBytes = 512,
                WeightsFlashBytes = 1024,
                CodeFlashBytes = 9000,
                Instructions = 2_500_000,
                Macs = 600_000,
                ImagesCompared = 16,
                ImagesEqual = 16,
            }),
            Reproduction = new Reproduction("kindling run x.yaml", [new("seed", "127")], "general:\n  project_name: a < b\n"),
        };
    }
}
