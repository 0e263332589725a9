using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Quantization;

/// <summary>Finds the float counterpart of each activation of an int8 network.</summary>
internal static class LayerMatching
{
    /// <summary>Matches by name, and by operator and order what no name matches.</summary>
    /// <param name="floats">The float network, folded.</param>
    /// <param name="int8">The int8 network.</param>
    /// <returns>The float value of each int8 value that has one.</returns>
    /// <exception cref="KindlingException">Values of one name differ in size: the two are not one network.</exception>
    public static IReadOnlyDictionary<Value, Value> Find(Graph floats, Graph int8)
    {
        var byName = floats.Inputs.Concat(floats.Nodes.Select(n => n.Output)).ToDictionary(v => v.Name);
        var found = int8.Inputs.Zip(floats.Inputs).Where(p => p.First.Shape.ElementCount == p.Second.Shape.ElementCount).ToDictionary(p => p.First, p => p.Second);
        foreach (var value in int8.Inputs.Concat(int8.Nodes.Select(n => n.Output)))
        {
            if (!byName.TryGetValue(value.Name, out var counterpart))
                continue;
            if (counterpart.Shape.ElementCount != value.Shape.ElementCount)
                throw new KindlingException($"{value.Name} is {counterpart.Shape} in the float network and {value.Shape} in the int8 one: they are not the same network");
            found[value] = counterpart;
        }

        foreach (var group in int8.Nodes.Where(n => n.Operator is not (Quantize or Dequantize)).GroupBy(n => n.Operator.GetType()))
        {
            var ours = group.Select(n => n.Output).ToList();
            var theirs = floats.Nodes.Where(n => n.Operator.GetType() == group.Key).Select(n => n.Output).ToList();
            if (ours.Any(found.ContainsKey) || ours.Count != theirs.Count || !ours.Zip(theirs).All(p => p.First.Shape.ElementCount == p.Second.Shape.ElementCount))
                continue;
            foreach (var (value, counterpart) in ours.Zip(theirs))
                found[value] = counterpart;
        }

        return found;
    }
}
