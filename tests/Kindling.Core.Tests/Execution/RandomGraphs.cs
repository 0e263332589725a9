using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Execution;

/// <summary>Random networks with branches, concatenations, elementwise chains and several outputs.</summary>
internal static class RandomGraphs
{
    public static Graph Create(RandomStream random)
    {
        var b = new GraphBuilder("random", random.Between(0, 1000));
        var values = new List<Value> { b.Input("input", 1, random.Between(4, 9), random.Between(4, 9), random.Between(1, 6)) };
        if (random.Chance(0.3f))
            values.Add(b.Input("second", [.. values[0].Shape]));
        var layers = random.Between(3, 16);
        for (var i = 0; i < layers; i++)
            values.Add(Layer(b, values, ref random));
        // What nothing reads is an output, and sometimes a value in the middle is one too.
        var graph = b.Build(null, values[^1]);
        var outputs = values.Where(v => graph.Producer(v) is not null && (graph.Consumers(v).Count == 0 || random.Chance(0.1f))).Distinct();
        return b.Build(null, [.. outputs]);
    }

    private static Value Layer(GraphBuilder b, List<Value> values, ref RandomStream random)
    {
        // Recent values more often, so that chains grow long.
        var x = values[random.Chance(0.6f) ? values.Count - 1 : random.NextInt32(values.Count)];
        var partners = values.Where(v => v != x && v.Shape.Height == x.Shape.Height && v.Shape.Width == x.Shape.Width).ToList();
        var twins = partners.Where(v => v.Shape.Equals(x.Shape)).ToList();
        switch (random.NextInt32(12))
        {
            case 0 or 1 when partners.Count > 0:
                Value[] parts = [x, .. partners.OrderBy(p => p.Name, StringComparer.Ordinal).Take(random.Between(1, 3))];
                return b.Concat(null, parts);
            case 2 or 3 when twins.Count > 0:
                return b.Add(x, twins[random.NextInt32(twins.Count)]);
            case 4 when twins.Count > 0:
                return b.Multiply(x, twins[random.NextInt32(twins.Count)]);
            case 5:
                return b.Relu(x);
            case 6:
                return b.Sigmoid(x);
            case 7:
                return b.Dropout(x, 0.5f);
            case 8:
                return b.DepthwiseConv2D(x, 3, activation: random.Activation());
            case 9:
                return b.MaxPool2D(x, 3, 1, BorderMode.Same);
            case 10:
                // Fire: two convolutions of one value, joined.
                return b.Concat(null, b.Conv2D(x, random.Between(1, 9), 1), b.Conv2D(x, random.Between(1, 9), 3));
            case 11:
                return b.Multiply(x, b.GlobalAveragePool(x, keepDimensions: true));
            default:
                return b.Conv2D(x, random.Between(1, 9), random.Chance(0.5f) ? 1 : 3, activation: random.Activation());
        }
    }
}
