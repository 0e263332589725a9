using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Deployment.Tests;

/// <summary>The host's int8 executor, the reference of every test here.</summary>
internal static class Host
{
    /// <summary>The raw bytes of the output for an input.</summary>
    public static byte[] Run(Graph graph, byte[] input)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1, UseReferenceKernels = true });
        input.CopyTo(executor.InputBytes());
        executor.Run();
        return executor.ValueBytes(executor.Graph.Outputs[0]).ToArray();
    }
}
