using System.Globalization;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Training;

/// <summary>
/// Layers chosen by numbers and slices as Python writes them: <c>(0:-1)</c> is all but the last, <c>(4:8, 16, -1)</c> are 4 to 7, 16 and the last.
/// The input is layer 0, as in Keras, and a closing softmax belongs to the layer before it. The word <c>backbone</c> stands for all layers before the
/// last one with weights, wherever that is.
/// </summary>
public sealed class LayerSelection
{
    private const string Backbone = "backbone";
    private readonly IReadOnlyList<(int? From, int? To, int? Step)> _parts;
    private readonly string _text;

    private LayerSelection(string text, IReadOnlyList<(int? From, int? To, int? Step)> parts)
    {
        _text = text;
        _parts = parts;
    }

    /// <summary>Reads a selection.</summary>
    /// <exception cref="KindlingException">It is none; the message shows two that are.</exception>
    public static LayerSelection Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var inner = text.Trim();
        if (inner == Backbone)
            return new LayerSelection(inner, []);
        if (inner.Length >= 2 && (inner[0], inner[^1]) is ('(', ')') or ('[', ']'))
            inner = inner[1..^1];
        var parts = new List<(int?, int?, int?)>();
        foreach (var part in inner.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var numbers = part.Split(':', StringSplitOptions.TrimEntries);
            var values = numbers.Select(n => int.TryParse(n, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : (int?)null).ToArray();
            var isWhole = values.Zip(numbers, (value, number) => value is not null || (number.Length == 0 && numbers.Length > 1)).All(v => v);
            if (!isWhole || values.Length > 3 || (values.Length == 3 && values[2] == 0))
                throw new KindlingException($"'{part}' is no layer and no range of layers; (0:-1) and (4:8, 16, -1) are, and backbone");
            parts.Add(values.Length == 1 ? (values[0], null, 0) : (values[0], values[1], values.ElementAtOrDefault(2)));
        }

        return new LayerSelection(text, parts);
    }

    /// <summary>The layers that numbers stand for: null for the input, then the nodes but a closing softmax.</summary>
    public static IReadOnlyList<Node?> Layers(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var nodes = graph.Nodes;
        return [null, .. nodes.Count > 1 && nodes[^1].Operator is Softmax ? nodes.SkipLast(1) : nodes];
    }

    /// <summary>The chosen numbers among <paramref name="count"/>, ascending.</summary>
    /// <exception cref="KindlingException">A number is not one of them; slices may reach beyond, as in Python.</exception>
    public IReadOnlyList<int> Choose(int count)
    {
        var chosen = new SortedSet<int>();
        foreach (var (from, to, step) in _parts)
        {
            if (step == 0)
            {
                var index = from!.Value < 0 ? from.Value + count : from.Value;
                if (index < 0 || index >= count)
                    throw new KindlingException($"{_text}: there is no layer {from}; there are {count}, 0 to {count - 1} (or -1 to -{count})");
                chosen.Add(index);
                continue;
            }

            chosen.UnionWith(Slice(from, to, step ?? 1, count));
        }

        return [.. chosen];
    }

    /// <summary>The chosen layers' names.</summary>
    /// <exception cref="KindlingException">A number is not one of them.</exception>
    public IReadOnlyList<string> Choose(Graph graph)
    {
        var layers = Layers(graph);
        return [.. Indices(layers).Select(i => layers[i]?.Name ?? graph.Inputs[0].Name)];
    }

    /// <summary>The constants of all layers that were not chosen.</summary>
    /// <exception cref="KindlingException">A number is not one of the layers, or none with weights is left.</exception>
    public IReadOnlySet<Value> ConstantsOfOthers(Graph graph)
    {
        var layers = Layers(graph);
        var chosen = Indices(layers).ToHashSet();
        var constants = layers.Where((layer, i) => layer is not null && !chosen.Contains(i)).SelectMany(l => l!.Operator.ParameterInputs(l.Inputs)).ToHashSet();
        return constants.Count > 0
            ? constants
            : throw new KindlingException($"{_text} freezes every layer with weights of {graph.Name} (layers 0 to {layers.Count - 1}); nothing is left to train");
    }

    private IReadOnlyList<int> Indices(IReadOnlyList<Node?> layers)
    {
        if (_text != Backbone)
            return Choose(layers.Count);
        var head = layers.Count - 1;
        while (head > 0 && !layers[head]!.Operator.ParameterInputs(layers[head]!.Inputs).Any(v => v.Shape.Rank >= 2))
            head--;
        return [.. Enumerable.Range(0, head)];
    }

    private static IEnumerable<int> Slice(int? from, int? to, int step, int count)
    {
        var (least, most) = step > 0 ? (0, count) : (-1, count - 1);
        int Place(int? index, int otherwise) => index is null ? otherwise : Math.Clamp(index.Value < 0 ? index.Value + count : index.Value, least, most);
        var end = Place(to, step > 0 ? count : -1);
        for (var i = Place(from, step > 0 ? 0 : count - 1); step > 0 ? i < end : i > end; i += step)
            yield return i;
    }
}
