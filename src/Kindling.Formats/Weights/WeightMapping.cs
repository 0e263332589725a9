using System.Globalization;
using System.Text;

namespace Kindling.Formats.Weights;

/// <summary>What became of one layer of the graph or of the file.</summary>
/// <param name="Layer">The graph's layer; null for a layer of the file that nothing takes.</param>
/// <param name="Source">The file's layer; null when there is none for this one.</param>
/// <param name="Shape">The shape of the layer's first tensor in the graph (in the file when the graph has none), as <c>[8, 3, 3, 3]</c>.</param>
/// <param name="Parameters">Numbers taken from the file; 0 when it was left out.</param>
/// <param name="Note">Why it was left out, or how it was changed; null when it was taken as it is.</param>
public sealed record MappedLayer(string? Layer, string? Source, string Shape, long Parameters, string? Note)
{
    /// <summary>True when numbers of the file were put on the graph.</summary>
    public bool IsMapped => Parameters > 0;
}

/// <summary>What was put where.</summary>
/// <param name="Source">The file.</param>
/// <param name="Graph">The network's name.</param>
/// <param name="Layers">All layers of the graph in its order, then those of the file that none took.</param>
public sealed record WeightMapping(string Source, string Graph, IReadOnlyList<MappedLayer> Layers)
{
    /// <summary>Layers that were filled.</summary>
    public int MappedCount => Layers.Count(l => l.IsMapped);

    /// <summary>Names of the graph's layers that were filled.</summary>
    public IReadOnlyList<string> MappedLayers => [.. Layers.Where(l => l.IsMapped).Select(l => l.Layer!)];

    /// <summary>Numbers taken from the file.</summary>
    public long ParameterCount => Layers.Sum(l => l.Parameters);

    /// <summary>One sentence: <c>54 of 55 layers, 213 728 parameters, from x.h5; left out: dense (…)</c>.</summary>
    public string Summary()
    {
        var skipped = Layers.Where(l => !l.IsMapped).Select(l => $"{l.Layer ?? l.Source} ({l.Note})").ToList();
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{MappedCount} of {Layers.Count(l => l.Layer is not null)} layers, {ParameterCount:N0} parameters, from {Source}");
        return skipped.Count == 0 ? text : $"{text}; left out: {string.Join(", ", skipped)}";
    }

    /// <summary>The table: layer, source, shape, parameters, note.</summary>
    public string ToTable()
    {
        string[][] rows =
        [
            ["layer", "from", "shape", "parameters", "note"],
            .. Layers.Select(l => new[]
            {
                l.Layer ?? "-", l.Source ?? "-", l.Shape, l.Parameters.ToString("N0", CultureInfo.InvariantCulture), l.Note ?? "",
            }),
        ];
        var widths = Enumerable.Range(0, 5).Select(c => rows.Max(r => r[c].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, c) => c == 3 ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return text.Append(Summary()).ToString();
    }
}
