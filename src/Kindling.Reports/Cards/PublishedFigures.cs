using System.Globalization;

namespace Kindling.Reports.Cards;

/// <summary>The figures published for networks of the zoo, to stand beside what was measured.</summary>
public static class PublishedFigures
{
    /// <summary>Share of photos classified rightly, in percent.</summary>
    public const string Top1 = "top1";

    /// <summary>RAM of input, output and activations.</summary>
    public const string ActivationRam = "activation_ram";

    /// <summary>All other RAM.</summary>
    public const string RuntimeRam = "runtime_ram";

    /// <summary>Flash of weights and biases.</summary>
    public const string WeightsFlash = "weights_flash";

    /// <summary>Flash of code.</summary>
    public const string CodeFlash = "code_flash";

    /// <summary>RAM in all.</summary>
    public const string TotalRam = "total_ram";

    /// <summary>Flash in all.</summary>
    public const string TotalFlash = "total_flash";

    /// <summary>Time of one inference.</summary>
    public const string Time = "time";

    /// <summary>All figures.</summary>
    public static IReadOnlyList<PublishedFigure> All { get; } = Read();

    /// <summary>The figures of a network at an input, of whatever data set.</summary>
    public static IReadOnlyList<PublishedFigure> For(string network, string input) =>
        [.. All.Where(f => f.Network.Equals(network, StringComparison.OrdinalIgnoreCase) && f.Input == input)];

    /// <summary>A figure of a card's network, input and data set; null when none was published.</summary>
    internal static PublishedFigure? Find(ModelCard card, string format, string quantity) =>
        For(card.Network, card.Input).FirstOrDefault(f => f.Format == format && f.Quantity == quantity && IsSameData(f.DataSet, card.DataSet));

    private static bool IsSameData(string a, string b) => Plain(a).Equals(Plain(b), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) => name.Replace('_', '-').Replace("tf-", "", StringComparison.OrdinalIgnoreCase);

    private static List<PublishedFigure> Read()
    {
        using var stream = typeof(PublishedFigures).Assembly.GetManifestResourceStream("published.tsv")!;
        using var reader = new StreamReader(stream);
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').Skip(1);
        return [.. rows.Select(l => l.Split('\t')).Select(c => new PublishedFigure(
            c[0], c[1], c[2], c[3], c[4], c[5], c[6].Length == 0 ? null : Number(c[6]), Number(c[7]), c[8]))];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
