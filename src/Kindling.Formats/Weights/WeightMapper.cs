using System.Globalization;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Weights;

/// <summary>Finds the file's layer for each layer of a graph, checks shapes, and copies once everything fits.</summary>
internal sealed class WeightMapper
{
    private const int MostFaults = 5;
    private readonly WeightSet _weights;
    private readonly Graph _graph;
    private readonly WeightMappingOptions _options;
    private readonly IReadOnlyList<WeightTarget> _targets;
    private readonly Dictionary<WeightTarget, WeightLayer> _pairs = [];
    private readonly List<(Tensor From, Tensor To)> _copies = [];
    private readonly WidthAdaptation? _widths;

    // The layer a donor never fills; null when the file is the network's own.
    private readonly WeightTarget? _keptClassifier;
    private float _activationScale = 1;

    public WeightMapper(WeightSet weights, Graph graph, WeightMappingOptions options)
    {
        _weights = weights;
        _graph = graph;
        _options = options;
        _targets = WeightTarget.Of(graph);
        _keptClassifier = IsDonor ? _targets.LastOrDefault(IsClassifier) : null;
        _widths = options.AdaptWidths ? new WidthAdaptation(graph, options.Seed) : null;
    }

    private bool IsDonor => _options.Mode == WeightMappingMode.Donor;

    public WeightMapping Run()
    {
        Pair();
        var rows = _targets.Select(t => t == _keptClassifier ? Row(t, _pairs.GetValueOrDefault(t), 0, "classifier, kept as it is") : Map(t)).ToList();
        var taken = _pairs.Values.ToHashSet();
        rows.AddRange(_weights.Layers.Where(l => !taken.Contains(l)).Select(l => new MappedLayer(
            null, l.Name, l.Tensors[0].Data.Shape.ToString(), 0, $"{_graph.Name} has no such layer")));
        var mapping = new WeightMapping(_weights.Source, _graph.Name, rows);
        Check(mapping);
        foreach (var (from, to) in _copies)
            from.AsSpan<float>().CopyTo(to.AsSpan<float>());
        return mapping;
    }

    /// <summary>Pairs layers of equal names; then the rest kind by kind in their order, if there are equally many; then the classifiers, which may differ in kind.</summary>
    private void Pair()
    {
        var sources = _weights.Layers.ToList();
        foreach (var target in _targets)
        {
            if (sources.FirstOrDefault(l => l.Name == target.Node.Name && (target.TakesKindOf(l) || !AnyTakes(l))) is { } same)
                Take(target, same);
        }

        foreach (var kind in _targets.Where(t => !_pairs.ContainsKey(t)).GroupBy(t => t.Node.Operator.GetType()).ToList())
        {
            var open = kind.ToList();
            var rest = sources.Where(open[0].TakesKindOf).ToList();
            // With other counts, order says nothing.
            if (rest.Count != open.Count)
                continue;
            foreach (var (target, source) in open.Zip(rest))
                Take(target, source);
        }

        var last = _targets.LastOrDefault(IsClassifier);
        if (last is not null && !_pairs.ContainsKey(last) && sources.Count > 0 && sources[^1] == _weights.Layers[^1] && sources[^1].Find(WeightRole.Weights) is not null)
            Take(last, sources[^1]);

        bool AnyTakes(WeightLayer layer) => _targets.Any(t => t.TakesKindOf(layer));

        void Take(WeightTarget target, WeightLayer source)
        {
            _pairs.Add(target, source);
            sources.Remove(source);
        }
    }

    private MappedLayer Map(WeightTarget target)
    {
        if (!_pairs.TryGetValue(target, out var source))
            return Row(target, null, 0, $"{_weights.Source} has no such layer");
        var tensors = source.Tensors.ToDictionary(t => t.Role, t => t.Role == WeightRole.Weights ? KernelLayout.For(target.Node.Operator, t.Data, _weights.Layout) : t.Data);
        var note = AdaptInput(target, tensors);
        if (_widths?.Adapt(target, tensors) is { } fitted)
            note = note is null ? fitted : $"{note}; {fitted}";
        ScaleActivations(target, tensors);
        foreach (var (role, value) in target.Parameters)
        {
            if (tensors.TryGetValue(role, out var tensor) && !tensor.Shape.Equals(value.Shape))
                return Row(target, source, 0, $"{tensor.Shape} in the file, {value.Shape} in {_graph.Name}");
        }

        var superfluous = source.Tensors.FirstOrDefault(t => target.Parameters.All(p => p.Role != t.Role) && t.Data.AsSpan<float>().ContainsAnyExcept(0));
        if (superfluous is not null)
            return Row(target, source, 0, $"{superfluous.Name} has no place in {_graph.Name}");
        var count = 0L;
        foreach (var (role, value) in target.Parameters)
        {
            // Keras leaves out gamma and beta that are 1 and 0, and biases that are 0.
            var tensor = tensors.GetValueOrDefault(role) ?? Default(role, value.Shape);
            if (tensor is null)
                return Row(target, source, 0, $"no {role.ToString().ToLowerInvariant()} in {_weights.Source}");
            _copies.Add((tensor, value.Constant!));
            count += value.Shape.ElementCount;
        }

        return Row(target, source, count, note);
    }

    private string? AdaptInput(WeightTarget target, Dictionary<WeightRole, Tensor> tensors)
    {
        if (target.Node.Operator is not Conv2D || !_graph.Inputs.Contains(target.Node.Inputs[0]) || !tensors.TryGetValue(WeightRole.Weights, out var kernel) || kernel.Shape.Rank != 4)
            return null;
        var notes = new List<string>();
        if (_options.AdaptInput && _weights.Metadata.Preprocessing is { } donor && _graph.Metadata.Preprocessing is { } own
            && donor.Channels == kernel.Shape[3] && (own.Channels == donor.Channels || own.Channels == 1) && !InputAdaptation.IsSame(donor, own))
        {
            (kernel, var change) = InputAdaptation.Rescale(kernel, donor, own);
            if (_options.AdaptWidths && _graph.Nodes.All(PassesFactors))
                _activationScale = own.ScaleOf(0) / donor.ScaleOf(0);
            if (tensors.TryGetValue(WeightRole.Bias, out var bias))
            {
                bias = bias.Clone();
                for (var i = 0; i < change.Length; i++)
                    bias.AsSpan<float>()[i] += change[i];
                tensors[WeightRole.Bias] = bias;
                notes.Add("rescaled to the pixels of this network");
            }
            else
            {
                notes.Add("factors rescaled to the pixels of this network, offsets not: there is no bias");
            }
        }

        if (kernel.Shape[3] == 3 && target.Node.Inputs[0].Shape.Channels == 1)
        {
            kernel = InputAdaptation.Gray(kernel);
            notes.Add("colours summed for a gray input");
        }

        tensors[WeightRole.Weights] = kernel;
        return notes.Count > 0 ? string.Join("; ", notes) : null;
    }

    /// <summary>A factor at the input of a network of ReLUs comes out at its end when all biases take it as well.</summary>
    private void ScaleActivations(WeightTarget target, Dictionary<WeightRole, Tensor> tensors)
    {
        if (_activationScale == 1)
            return;
        Scale(WeightRole.Bias);
        if (_graph.Inputs.Contains(target.Node.Inputs[0]))
            Scale(WeightRole.Weights);

        void Scale(WeightRole role)
        {
            if (!tensors.TryGetValue(role, out var tensor))
                return;
            tensors[role] = tensor = tensor.Clone();
            foreach (ref var x in tensor.AsSpan<float>())
                x *= _activationScale;
        }
    }

    private static bool IsClassifier(WeightTarget target) => target.Node.Operator is Conv2D or Dense;

    private static bool PassesFactors(Node node) => node.Operator switch
    {
        Conv2D c => c.Activation is Activation.None or Activation.Relu,
        Add a => a.Activation is Activation.None or Activation.Relu,
        Concat or MaxPool2D or AveragePool2D or GlobalAveragePool or Dropout or Pad or Dense or Reshape or Softmax => true,
        Clip c => c.Min == 0 && float.IsPositiveInfinity(c.Max),
        _ => false,
    };

    private static Tensor? Default(WeightRole role, Shape shape)
    {
        if (role is not (WeightRole.Bias or WeightRole.Beta or WeightRole.Gamma))
            return null;
        var tensor = new Tensor(ElementType.Float32, shape);
        tensor.AsSpan<float>().Fill(role == WeightRole.Gamma ? 1 : 0);
        return tensor;
    }

    private void Check(WeightMapping mapping)
    {
        var faults = mapping.Layers.Where(l => !l.IsMapped && !(IsDonor && (l.Layer is null || l.Layer == _keptClassifier?.Node.Name))).ToList();
        var backbone = IsDonor ? _targets.Count - 1 : _targets.Count;
        if (faults.Count == 0 || (IsDonor && mapping.MappedCount * 2 >= backbone))
            return;
        var more = faults.Count > MostFaults ? $" and {faults.Count - MostFaults} more" : "";
        throw new ModelFormatException(string.Create(
            CultureInfo.InvariantCulture,
            $"{_weights.Source} does not fit {_graph.Name}: {mapping.MappedCount} of {_targets.Count} layers fit; {string.Join("; ", faults.Take(MostFaults).Select(f => $"{f.Layer ?? f.Source}: {f.Note}"))}{more}"));
    }

    private static MappedLayer Row(WeightTarget target, WeightLayer? source, long parameters, string? note) =>
        new(target.Node.Name, source?.Name, target.First.Shape.ToString(), parameters, note);
}
