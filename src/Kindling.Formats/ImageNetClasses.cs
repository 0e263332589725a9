namespace Kindling.Formats;

/// <summary>The 1,000 classes of ImageNet's challenge of 2012, in the order of their synsets, which is the order of the outputs of all networks trained on it.</summary>
public static class ImageNetClasses
{
    private static readonly (string Synset, string Name)[] Table = Read();
    private static readonly Dictionary<string, int> Indices = Table.Index().ToDictionary(c => c.Item.Synset, c => c.Index, StringComparer.Ordinal);

    /// <summary>The names; two pairs of classes (crane, maillot) share one.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(c => c.Name)];

    /// <summary>WordNet's numbers, such as <c>n01440764</c>.</summary>
    public static IReadOnlyList<string> Synsets { get; } = [.. Table.Select(c => c.Synset)];

    /// <summary>The class of a synset; -1 when it is none of the 1,000.</summary>
    public static int IndexOf(string synset) => Indices.GetValueOrDefault(synset, -1);

    private static (string, string)[] Read()
    {
        using var stream = typeof(ImageNetClasses).Assembly.GetManifestResourceStream("ImageNetClasses.tsv")!;
        using var reader = new StreamReader(stream);
        var rows = new List<(string, string)>();
        while (reader.ReadLine() is { } line)
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            rows.Add((line[..tab], line[(tab + 1)..]));
        }

        return [.. rows];
    }
}
