using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Deployment;

/// <summary>Inputs for measuring a network when there are no photos at hand.</summary>
public static class SampleInputs
{
    /// <summary>Deterministic noise: the same bytes for the same shape on every machine (floats between -1 and 1).</summary>
    /// <param name="graph">The network; its first input counts.</param>
    /// <param name="count">How many inputs, all different.</param>
    /// <returns>Raw bytes of the input's type.</returns>
    public static IReadOnlyList<byte[]> Noise(Graph graph, int count)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return [.. Enumerable.Range(1, count).Select(seed => Noise(graph.Inputs[0], seed))];
    }

    private static byte[] Noise(Value input, int seed)
    {
        var stream = new RandomStream(seed);
        if (input.Type == ElementType.Float32)
        {
            var tensor = new Tensor(input.Type, input.Shape);
            foreach (ref var x in tensor.AsSpan<float>())
                x = stream.NextSingle(-1, 1);
            return tensor.Bytes.ToArray();
        }

        var bytes = new byte[input.Bytes];
        foreach (ref var b in bytes.AsSpan())
            b = (byte)stream.NextUInt64();
        return bytes;
    }
}
