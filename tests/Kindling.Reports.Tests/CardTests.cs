using System.Globalization;
using System.Xml.Linq;
using Kindling.Reports.Cards;

namespace Kindling.Reports.Tests;

public sealed class CardTests
{
    [Fact]
    public void Published_figures_stand_beside_what_was_measured()
    {
        var markdown = MarkdownCard.Render(Flowers());

        Assert.Contains("| float | 83.00 % | 82.29 % | +0.71 |", markdown, StringComparison.Ordinal);
        Assert.Contains("| int8 | 82.00 % | 82.15 % | −0.15 |", markdown, StringComparison.Ordinal);
        Assert.Contains("| Kindling's C, Cortex-M7 | 39 | 2 | 215 | 9 | 41 | 224 |", markdown, StringComparison.Ordinal);
        Assert.Contains("| 39.56 | 20 | 219.84 | 74 | 60.49 | 295.76 |", markdown, StringComparison.Ordinal);
        Assert.Contains("| share of the published | 99 % | 10 % | 98 % | 12 % | 68 % | 76 % |", markdown, StringComparison.Ordinal);
        Assert.Contains("35.48 ms | 14.19 million clock cycles |", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_forms_say_the_same()
    {
        var card = Flowers();
        var page = Parse(HtmlCard.Render(card));
        var markdown = MarkdownCard.Render(card).Replace("`", "", StringComparison.Ordinal);

        var cells = page.Descendants("section").SelectMany(s => s.Descendants("td")).Select(c => c.Value).ToList();
        Assert.True(cells.Count > 60);
        Assert.All(cells, c => Assert.Contains($"| {c} ".Replace("|  ", "| ", StringComparison.Ordinal), markdown, StringComparison.Ordinal));
        Assert.Equal(page.Descendants("h2").Select(h => $"## {h.Value}"), markdown.Split('\n').Where(l => l.StartsWith("## ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Figures_that_fall_short_of_the_published_are_marked()
    {
        var tiles = Parse(HtmlCard.Render(Flowers())).Descendants("div").Where(d => ((string?)d.Attribute("class"))?.StartsWith("card", StringComparison.Ordinal) == true)
            .Where(d => d.Elements().Count() == 3).ToDictionary(d => d.Elements().First().Value, d => (string?)d.Attribute("class"));

        Assert.Equal("card good", tiles["Float accuracy"]);
        Assert.Equal("card bad", tiles["Int8 accuracy"]);
        Assert.Equal("card good", tiles["RAM"]);
    }

    [Theory]
    [InlineData(37.2, "about 37.2 ms", "The estimated time is 37.2 ms, at least 13.6 ms: by a fit. The estimate's error on published times left out of the fit is 6 % on average, 26 % for a family")]
    [InlineData(null, "at least 13.6 ms", "The time is at least 13.6 ms: by a fit.")]
    public void An_estimated_time_stands_beside_the_published_ones_with_its_error(double? milliseconds, string cell, string sentence)
    {
        var card = Flowers();
        card = card with { Device = card.Device! with { Time = new CardTime(milliseconds, 13.6, milliseconds is null ? null : 0.06, milliseconds is null ? null : 0.26, "by a fit") } };

        var markdown = MarkdownCard.Render(card);

        Assert.Contains($"| {cell} | 10,000,000 instructions", markdown, StringComparison.Ordinal);
        Assert.Contains(sentence, markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void Accuracy_of_another_data_set_is_not_compared()
    {
        var card = Flowers() with { DataSet = "food" };

        Assert.Contains("| float | 83.00 % | – |", MarkdownCard.Render(card), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_not_measured_is_said_with_its_reason()
    {
        var card = Flowers() with { Device = null, DeviceMissing = "Not measured: qemu-system-arm not found.", Int8 = null };

        Assert.Equal(2, MarkdownCard.Render(card).Split("Not measured: qemu-system-arm not found.").Length - 1);
        Assert.Contains(Parse(HtmlCard.Render(card)).Descendants("p"), p => p.Value == card.DeviceMissing);
    }

    [Fact]
    public void Names_from_the_user_cannot_break_card_or_page()
    {
        var card = Flowers() with { DataSet = "a|b`c<script>", ClassNames = ["x|y", "<b>*z*</b>"] };

        Assert.Empty(Parse(HtmlCard.Render(card)).Descendants("script"));
        var markdown = MarkdownCard.Render(card);
        Assert.Contains("| a\\|b'c&lt;script> |", markdown, StringComparison.Ordinal);
        Assert.Contains("x\\|y, &lt;b>\\*z\\*&lt;/b>", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_index_has_a_line_for_each_card_with_a_link()
    {
        var index = CardIndex.Render([("one", Flowers()), ("two", Flowers() with { Name = "other", Device = null })], "./kindling card --index zoo");

        Assert.Contains("| [flowers](one/README.md) | 96x96x3 | flowers | 83.00 % | 82.29 % | 82.00 % | 82.15 % | 219,829 | 41 | 60.49 | 224 | 295.76 | 10,000,000 |", index, StringComparison.Ordinal);
        Assert.Contains("| [other](two/README.md) |", index, StringComparison.Ordinal);
        Assert.Contains("`./kindling card --index zoo`", index, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("st_squeezenet_v1.1", "128x128x3", PublishedFigures.ActivationRam, 240.25)]
    [InlineData("st_squeezenet_v1.1", "224x224x3", PublishedFigures.TotalFlash, 793)]
    [InlineData("mobilenet_v1_0.5", "224x224x3", PublishedFigures.Time, 520.02)]
    [InlineData("st_efficientnet_lc_v1", "128x128x3", PublishedFigures.ActivationRam, 104.61)]
    [InlineData("mobilenet_v1_0.25", "96x96x1", PublishedFigures.Top1, 73.89)]
    public void The_published_figures_are_those_of_the_cards(string network, string input, string quantity, double value) =>
        Assert.Equal(value, PublishedFigures.For(network, input).First(f => f.Quantity == quantity).Value);

    [Fact]
    public void Every_published_figure_is_complete_and_listed_once()
    {
        Assert.Equal(PublishedFigures.All.Count, PublishedFigures.All.Distinct().Count());
        Assert.All(PublishedFigures.All, f =>
        {
            Assert.Contains(f.Format, new[] { "float", "int8" });
            Assert.Equal(f.Quantity == PublishedFigures.Time, f.ClockMhz is not null);
            Assert.True(f.Value > 0, f.ToString());
            Assert.Equal(3, f.Input.Split('x').Length);
        });
    }

    private static XElement Parse(string html) => XDocument.Parse(html.Replace("<!DOCTYPE html>\n", "", StringComparison.Ordinal)).Root!;

    private static ModelCard Flowers() => new()
    {
        Name = "flowers",
        Network = "mobilenet_v1_0.25",
        Description = "MobileNet v1",
        Paper = "arXiv:1704.04861",
        Input = "96x96x3",
        Preprocessing = "bilinear to 96x96",
        DataSet = "flowers",
        EvaluatedOn = "100 validation photos",
        ClassNames = ["daisy", "rose"],
        Parameters = 219_829,
        TrainableParameters = 214_000,
        Macs = 7_490_432,
        Tensors = [new("flowers_int8.tflite", "input", "1x96x96x3", "uint8", 1 / 127.5f, 128, "a photo")],
        Files = [new("flowers_int8.tflite", 276_000, "int8 network")],
        Float = new(0.83, 1, 0.82, 100, []),
        Int8 = new(0.82, 1, 0.81, 100, [new("daisy", 60, 0.8, 0.9, 0.85), new("rose", 40, 0.7, 0.6, 0.65)]),
        Device = new()
        {
            Board = "STM32H747I-DISCO",
            Core = "Cortex-M7",
            ActivationRamBytes = 39 * 1024,
            RuntimeRamBytes = 2 * 1024,
            WeightsFlashBytes = 215 * 1024,
            CodeFlashBytes = 9 * 1024,
            Instructions = 10_000_000,
            Macs = 7_490_432,
            Inputs = 2,
            OutputsEqualHost = 2,
            Fits = true,
            Compiler = "gcc 12.2",
            Emulator = "QEMU 7.2",
        },
        Training = new("Two flowers.", ["./kindling run flowers.yaml"], 1, 127, [.. Enumerable.Range(1, 3).Select(e => new CardEpoch(e, 0.5, e * 0.2, 60))]),
        Commands = [new("accuracy", string.Create(CultureInfo.InvariantCulture, $"./kindling evaluate --seed {127}"))],
    };
}
