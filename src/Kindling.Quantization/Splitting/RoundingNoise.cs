using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;
using Parameters = Kindling.Tensors.Quantization;

namespace Kindling.Quantization.Splitting;

/// <summary>What rounding some activations of a float network to 8 bits, and nothing else, does to its scores.</summary>
internal sealed class RoundingNoise
{
    private readonly List<ReadOnlyMemory<float>> _images = [];
    private readonly List<float[]> _expected = [];
    private readonly int _threads;
    private readonly CancellationToken _cancellation;

    /// <summary>Runs the network without rounding.</summary>
    /// <param name="graph">The float network.</param>
    /// <param name="images">Preprocessed images, some a batch.</param>
    /// <param name="most">How many to take, about: whole batches.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public RoundingNoise(Graph graph, IEnumerable<ReadOnlyMemory<float>> images, int most, int threads, CancellationToken cancellation)
    {
        (_threads, _cancellation) = (threads, cancellation);
        var size = graph.Inputs[0].Shape.ElementCount;
        foreach (var batch in images)
        {
            if (_images.Sum(b => b.Length) >= most * size)
                break;
            _images.Add(batch);
        }

        _expected.AddRange(Scores(graph));
    }

    /// <summary>The sum of squared errors at the scores.</summary>
    /// <param name="graph">A float network of the same function.</param>
    /// <param name="rounded">The activations that are rounded, with scale and zero point.</param>
    public double Of(Graph graph, IReadOnlyDictionary<Value, Parameters> rounded)
    {
        double noise = 0;
        foreach (var (expected, actual) in _expected.Zip(Scores(WithRounding(graph, rounded))))
        {
            for (var i = 0; i < expected.Length; i++)
                noise += (expected[i] - (double)actual[i]) * (expected[i] - actual[i]);
        }

        return noise;
    }

    private static Graph WithRounding(Graph graph, IReadOnlyDictionary<Value, Parameters> rounded)
    {
        var replaced = new Dictionary<Value, Value>();
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            nodes.Add(new Node(node.Name, node.Operator, [.. node.Inputs.Select(i => replaced.GetValueOrDefault(i, i))], node.Output));
            if (node.Operator is Softmax || !rounded.TryGetValue(node.Output, out var parameters))
                continue;
            var int8 = new Value($"{node.Output.Name}/int8", ElementType.Int8, node.Output.Shape, parameters);
            var back = replaced[node.Output] = new Value($"{node.Output.Name}/rounded", node.Output.Type, node.Output.Shape);
            nodes.Add(new Node(int8.Name, new Quantize(), [node.Output], int8));
            nodes.Add(new Node(back.Name, new Dequantize(), [int8], back));
        }

        return new Graph(graph.Name, graph.Inputs, [.. graph.Outputs.Select(o => replaced.GetValueOrDefault(o, o))], nodes, graph.Metadata);
    }

    private IEnumerable<float[]> Scores(Graph graph)
    {
        var scores = FidelityMeter.Logits(graph);
        using var run = new BatchRunner(graph, _threads);
        foreach (var batch in _images)
        {
            _cancellation.ThrowIfCancellationRequested();
            foreach (var count in run.Run(batch, BatchRunner.CopyFloats))
                yield return run.Floats(scores, count).ToArray();
        }
    }
}
