using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Estimators;
using Parameters = Kindling.Tensors.Quantization;

namespace Kindling.Quantization;

/// <summary>
/// Which activations must share a scale: the input and output of pools, reshapes, paddings and clips, and everything a concatenation
/// joins, also through the pools before it. So concatenations and pools never rescale.
/// </summary>
internal sealed class ScaleGroups
{
    private readonly Dictionary<Value, Value> _parent = [];
    private readonly Dictionary<Value, Parameters> _fixed = [];

    public ScaleGroups(Graph graph)
    {
        foreach (var value in graph.Inputs.Concat(graph.Nodes.Select(n => n.Output)))
            _parent[value] = value;
        foreach (var node in graph.Nodes.Where(n => n.Operator is Softmax or Sigmoid))
            _fixed[node.Output] = AffineQuantization.Probability;
        foreach (var node in graph.Nodes.Where(n => n.Operator is MaxPool2D or AveragePool2D or Reshape or Pad or Clip))
            Join(node.Inputs[0], node.Output);
        // Probabilities keep their fixed scale: a concatenation rescales them.
        foreach (var node in graph.Nodes.Where(n => n.Operator is Concat))
        {
            foreach (var input in node.Inputs.Where(i => !IsFixed(i)))
                Join(node.Output, input);
        }
    }

    /// <summary>Scale and zero point of every activation.</summary>
    public IReadOnlyDictionary<Value, Parameters> Assign(IReadOnlyDictionary<Value, ActivationRange> ranges)
    {
        var union = new Dictionary<Value, ActivationRange>();
        foreach (var value in _parent.Keys)
        {
            var root = Root(value);
            union[root] = union.TryGetValue(root, out var range) ? range.Union(ranges[value]) : ranges[value];
        }

        var parameters = union.ToDictionary(u => u.Key, u => _fixed.GetValueOrDefault(u.Key) ?? AffineQuantization.Asymmetric(u.Value));
        return _parent.Keys.ToDictionary(v => v, v => parameters[Root(v)]);
    }

    private bool IsFixed(Value value) => _fixed.ContainsKey(Root(value));

    private void Join(Value a, Value b)
    {
        var (first, second) = (Root(a), Root(b));
        if (first == second || (_fixed.ContainsKey(first) && _fixed.ContainsKey(second)))
            return;
        // The root carries the fixed scale.
        if (_fixed.ContainsKey(second))
            (first, second) = (second, first);
        _parent[second] = first;
    }

    private Value Root(Value value)
    {
        while (_parent[value] != value)
            value = _parent[value];
        return value;
    }
}
