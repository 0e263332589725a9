using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Training.Averaging;

/// <summary>
/// The mean of several trainings of one network, weight by weight, moving statistics included ("model soups", Wortsman and others 2022). Trainings that went on
/// from the same weights lie in one valley, and their mean often generalizes better than each.
/// </summary>
public static class WeightSoup
{
    /// <summary>Fills a network with the weighted mean of others' constants.</summary>
    /// <param name="graph">Receives the mean; the same network as the others.</param>
    /// <param name="ingredients">The trained networks and the share each has; shares are brought to a sum of 1.</param>
    /// <exception cref="KindlingException">There is none, a share is not above 0, or a constant is missing or of another shape; the message names it.</exception>
    public static void Mix(Graph graph, IReadOnlyList<(Graph Graph, double Share)> ingredients)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(ingredients);
        if (ingredients.Count == 0)
            throw new KindlingException("there are no networks to average");
        if (ingredients.Any(i => !(i.Share > 0 && double.IsFinite(i.Share))))
            throw new KindlingException($"shares {string.Join(", ", ingredients.Select(i => i.Share))}: each must be a number above 0");
        var total = ingredients.Sum(i => i.Share);
        var parts = ingredients.Select(i => (Constants: i.Graph.Constants.ToDictionary(c => c.Name, StringComparer.Ordinal), i.Graph.Name, Share: i.Share / total)).ToList();
        foreach (var value in graph.Constants.Where(c => c.Type == ElementType.Float32))
        {
            var sums = new double[value.Shape.ElementCount];
            foreach (var (constants, name, share) in parts)
            {
                if (!constants.TryGetValue(value.Name, out var own) || !own.Shape.Equals(value.Shape))
                    throw new KindlingException($"{value.Name} has the shape {value.Shape} in {graph.Name}, {own?.Shape.ToString() ?? "none"} in {name}; only trainings of one network can be averaged");
                var floats = own.Constant!.AsSpan<float>();
                for (var i = 0; i < sums.Length; i++)
                    sums[i] += share * floats[i];
            }

            var mean = value.Constant!.AsSpan<float>();
            for (var i = 0; i < sums.Length; i++)
                mean[i] = (float)sums[i];
        }
    }
}
