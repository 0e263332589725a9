using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Execution;

public sealed class ExecutorTests
{
    [Fact]
    public void Shared_memory_changes_no_result() => RandomCases.ForAll(100, random =>
    {
        var graph = RandomGraphs.Create(random);
        var batch = random.Between(1, 3);
        var apart = Outputs(graph, new ExecutorOptions { Batch = batch, Threads = 1, Optimize = false, KeepAllValues = true });
        var shared = Outputs(graph, new ExecutorOptions { Batch = batch, Threads = 1, Optimize = false });
        Assert.Equal(apart, shared);
    });

    [Fact]
    public void Vector_kernels_agree_with_the_reference_kernels_through_whole_networks() => RandomCases.ForAll(40, random =>
    {
        var graph = RandomGraphs.Create(random);
        var expected = Outputs(graph, new ExecutorOptions { Threads = 1, Optimize = false, UseReferenceKernels = true });
        var actual = Outputs(graph, new ExecutorOptions { Threads = 1, Optimize = false });
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-4f * (1 + Math.Abs(expected[i])), $"{actual[i]} instead of {expected[i]}");
    });

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        var graph = Fire();
        var one = Outputs(graph, new ExecutorOptions { Batch = 3, Threads = 1 });
        Assert.Contains(one, x => x != 0);
        Assert.Equal(one, Outputs(graph, new ExecutorOptions { Batch = 3, Threads = 2 }));
        Assert.Equal(one, Outputs(graph, new ExecutorOptions { Batch = 3, Threads = 3 }));
    }

    [Fact]
    public void A_sample_gives_the_same_bits_alone_and_in_a_batch()
    {
        var graph = Fire();
        var alone = Outputs(graph, new ExecutorOptions { Batch = 1, Threads = 1 });
        var batch = Outputs(graph, new ExecutorOptions { Batch = 4, Threads = 2 });
        Assert.Equal(alone, batch[..alone.Length]);
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        using var executor = Executor.Compile(Fire(), new ExecutorOptions { Threads = 2 });
        executor.Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
            executor.Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Reading_with_the_wrong_type_says_what_is_there()
    {
        using var executor = Executor.Compile(Fire(), new ExecutorOptions { Threads = 1 });
        var e = Assert.Throws<InvalidOperationException>(() => executor.Input<sbyte>().Length);
        Assert.Contains("float32", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_without_a_kernel_is_named()
    {
        var x = new Value("x", ElementType.Int64, new Shape(1, 4));
        var y = new Value("y", ElementType.Int64, new Shape(1, 4));
        var graph = new Graph("odd", [x], [y], [new Node("my_softmax", new Softmax(), [x], y)]);
        var e = Assert.Throws<GraphException>(() => Executor.Compile(graph));
        Assert.Contains("my_softmax", e.Message, StringComparison.Ordinal);
        Assert.Contains("int64", e.Message, StringComparison.Ordinal);
    }

    /// <summary>All outputs, one after the other, of a run that starts from an arena full of NaNs.</summary>
    private static float[] Outputs(Graph graph, ExecutorOptions options)
    {
        using var executor = Executor.Compile(graph, options);
        executor.ArenaMemory.Fill(0xFF);
        var random = new RandomStream(5);
        for (var i = 0; i < graph.Inputs.Count; i++)
        {
            foreach (ref var x in executor.Input<float>(i))
                x = random.NextSingle(-1, 1);
        }

        executor.Run();
        var outputs = new List<float>();
        for (var i = 0; i < graph.Outputs.Count; i++)
            outputs.AddRange(MemoryMarshal.ToEnumerable<float>(executor.Output<float>(i).ToArray()));
        return [.. outputs];
    }

    private static Graph Fire()
    {
        var b = new GraphBuilder("fire", 1);
        var x = b.Input("x", 1, 40, 40, 3);
        x = b.Conv2D(x, 24, 3, 2, activation: Activation.Relu);
        x = b.DepthwiseConv2D(x, 3, activation: Activation.Relu6);
        x = b.MaxPool2D(x, 3, 2, BorderMode.Ceil);
        var squeezed = b.Conv2D(x, 16, 1, activation: Activation.Relu);
        x = b.Concat(null, b.Conv2D(squeezed, 33, 1), b.Conv2D(squeezed, 64, 3));
        x = b.Multiply(x, b.Sigmoid(b.GlobalAveragePool(x, keepDimensions: true)));
        x = b.BatchNorm(x);
        return b.Build(null, b.Softmax(b.Dense(b.GlobalAveragePool(x), 10)));
    }
}
