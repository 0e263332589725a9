using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using GraphPasses = Kindling.Graphs.Passes.Passes;

namespace Kindling.Core.Tests.Graphs.Passes;

/// <summary>A rewritten graph computes what the graph as written computes, to 1e-5 of the largest output.</summary>
public class PassEqualityTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_graphs_compute_the_same_after_the_rewrites_for_inference(int seed) =>
        AssertSame(RandomGraph(seed), GraphPasses.ForInference, seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_graphs_compute_the_same_after_the_rewrites_for_quantization(int seed) =>
        AssertSame(RandomGraph(seed), GraphPasses.ForQuantization, seed);

    private static void AssertSame(Graph graph, Func<Graph, Graph> rewrite, int seed)
    {
        var rewritten = rewrite(graph);
        Assert.True(rewritten.Nodes.Count <= graph.Nodes.Count * 2);
        var expected = Run(graph, seed);
        var actual = Run(rewritten, seed);
        var largest = Math.Max(1e-3f, expected.Max(MathF.Abs));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], largest * 1e-5f);
    }

    private static float[] Run(Graph graph, int seed)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = 2, Threads = 1, Optimize = false });
        var random = new RandomStream(seed, 99);
        foreach (ref var x in executor.Input<float>())
            x = random.NextSingle(-1, 1);
        executor.Run();
        return executor.Output<float>().ToArray();
    }

    // Up to eight layers of every kind the passes know, in random order, with statistics that are not those of a fresh layer.
    private static Graph RandomGraph(int seed)
    {
        var random = new RandomStream(seed, 7);
        var b = new GraphBuilder($"random{seed}", seed);
        var x = b.Input("input", 1, 9 + random.NextInt32(8), 9 + random.NextInt32(8), 1 + random.NextInt32(5));
        for (var layer = 0; layer < 8; layer++)
        {
            x = random.NextInt32(10) switch
            {
                0 or 1 => b.Conv2D(x, 1 + random.NextInt32(20), 1 + (2 * random.NextInt32(2)), bias: random.NextInt32(2) == 0),
                2 or 3 => b.DepthwiseConv2D(x, 3, bias: random.NextInt32(2) == 0),
                4 or 5 => b.BatchNorm(x),
                6 => random.NextInt32(2) == 0 ? b.Relu(x) : b.Relu6(x),
                7 => b.Pad(x, new Padding(random.NextInt32(2), random.NextInt32(2), random.NextInt32(3), random.NextInt32(3))),
                8 => b.Dropout(x, 0.5f),
                _ => b.Add(x, b.Conv2D(x, x.Shape.Channels, 3)),
            };
        }

        var graph = b.Build(null, b.Dense(b.GlobalAveragePool(x), 4));
        foreach (var node in graph.Nodes.Where(n => n.Operator is BatchNorm))
        {
            for (var p = 1; p <= 4; p++)
            {
                foreach (ref var v in node.Inputs[p].Constant!.AsSpan<float>())
                    v = p is 1 or 4 ? random.NextSingle(0.2f, 2) : random.NextSingle(-0.5f, 0.5f);
            }
        }

        foreach (var bias in graph.Constants.Where(c => c.Shape.Rank == 1 && c.Name.EndsWith("/bias", StringComparison.Ordinal)))
        {
            foreach (ref var v in bias.Constant!.AsSpan<float>())
                v = random.NextSingle(-0.5f, 0.5f);
        }

        return graph;
    }
}
