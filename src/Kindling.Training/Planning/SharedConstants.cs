using Kindling.Graphs;

namespace Kindling.Training.Planning;

/// <summary>One set of weights in two graphs: a network and the same network for images of another size.</summary>
internal static class SharedConstants
{
    /// <summary>The resized network with the constants of the original, matched by name.</summary>
    /// <exception cref="KindlingException">Their constants differ, as in a network whose classifier sees every pixel; the message names the first.</exception>
    public static Graph Of(Graph original, Graph resized)
    {
        var constants = original.Constants.ToDictionary(c => c.Name, StringComparer.Ordinal);
        return new Graph(
            resized.Name, resized.Inputs, resized.Outputs,
            [.. resized.Nodes.Select(n => new Node(n.Name, n.Operator, [.. n.Inputs.Select(Share)], n.Output))], resized.Metadata);

        Value Share(Value value)
        {
            if (!value.IsConstant)
                return value;
            if (!constants.TryGetValue(value.Name, out var own) || !own.Shape.Equals(value.Shape))
            {
                throw new KindlingException(
                    $"{original.Name} cannot be trained at {resized.Inputs[0].Shape.ToSizeString()}: {value.Name} has the shape {value.Shape} there and "
                    + $"{own?.Shape.ToString() ?? "does not exist"} at {original.Inputs[0].Shape.ToSizeString()}; random_periodic_resizing needs a network whose weights do not depend on the size of its input");
            }

            return own;
        }
    }
}
