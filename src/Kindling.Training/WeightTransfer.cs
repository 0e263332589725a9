using Kindling.Formats.Safetensors;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Training;

/// <summary>
/// Starts a network from another one's weights: every constant but those of the head is taken from the donor's tensor of the same name, and must have
/// its shape. The head, the last layer with weights, keeps its fresh ones, because the donor's tells other classes apart.
/// </summary>
public static class WeightTransfer
{
    /// <summary>Takes the backbone of a network in a graph.</summary>
    /// <param name="graph">The network; its constants are overwritten. Nothing is changed when the donor does not fit.</param>
    /// <param name="donor">A float network of the same design.</param>
    /// <exception cref="KindlingException">A weight is missing or has another shape; the message names it and both shapes.</exception>
    public static TransferReport FromGraph(Graph graph, Graph donor)
    {
        ArgumentNullException.ThrowIfNull(donor);
        return Apply(graph, donor.Constants.Where(c => c.Type == ElementType.Float32).ToDictionary(c => c.Name, c => c.Constant!), donor.Name);
    }

    /// <summary>Takes the backbone of a safetensors file, a checkpoint of a training included.</summary>
    /// <param name="graph">The network; its constants are overwritten. Nothing is changed when the donor does not fit.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="KindlingException">The file cannot be read, or a weight is missing or has another shape; the message names it and both shapes.</exception>
    public static TransferReport FromSafetensors(Graph graph, string path)
    {
        var tensors = SafetensorsFile.Read(path).Tensors.Where(t => t.Type is SafetensorsType.F32 or SafetensorsType.F16 && !Checkpoint.IsTrainingTensor(t.Name));
        return Apply(graph, tensors.ToDictionary(t => t.Name, t => t.ToTensor()), path);
    }

    /// <summary>Takes named tensors.</summary>
    /// <param name="graph">The network; its constants are overwritten. Nothing is changed when the donor does not fit.</param>
    /// <param name="donor">The tensors by the names of the network's constants.</param>
    /// <param name="name">What messages call the donor.</param>
    /// <exception cref="KindlingException">A weight is missing or has another shape; the message names it and both shapes.</exception>
    public static TransferReport Apply(Graph graph, IReadOnlyDictionary<string, Tensor> donor, string name)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(donor);
        var head = Head(graph);
        var skipped = head?.Operator.ParameterInputs(head.Inputs).ToHashSet() ?? [];
        var taken = graph.Constants.Where(c => c.Type == ElementType.Float32 && !skipped.Contains(c)).ToList();
        var missing = taken.Where(c => !donor.ContainsKey(c.Name)).Select(c => c.Name).ToList();
        if (missing.Count > 0)
        {
            throw new KindlingException(
                $"{name} is no donor for {graph.Name}: it has no {string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? $" and {missing.Count - 3} more" : "")} "
                + $"({taken.Count - missing.Count} of {taken.Count} weights have a counterpart)");
        }

        if (taken.Find(c => !donor[c.Name].Shape.Equals(c.Shape)) is { } other)
            throw new KindlingException($"{name} is no donor for {graph.Name}: {other.Name} is {donor[other.Name].Shape} there and {other.Shape} here");
        foreach (var constant in taken)
            donor[constant.Name].AsSpan<float>().CopyTo(constant.Constant!.AsSpan<float>());
        var names = graph.Constants.Select(c => c.Name).ToHashSet();
        return new TransferReport(
            name, taken.Count, taken.Sum(c => (long)c.Shape.ElementCount), head?.Name, [.. donor.Keys.Where(n => !names.Contains(n))]);
    }

    /// <summary>The last layer with weights: what tells the classes apart.</summary>
    internal static Node? Head(Graph graph) => graph.Nodes.LastOrDefault(n => n.Operator.ParameterInputs(n.Inputs).Any(v => v.Shape.Rank >= 2));
}
