using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation;

/// <summary>The host's outputs, in the arithmetic of the C, for inputs that are written down beside it.</summary>
internal sealed class HostRun(Graph graph) : IDisposable
{
    private readonly Executor _executor = Executor.Compile(
        graph, new ExecutorOptions { Threads = 1, Optimize = false, Arithmetic = Int8Arithmetic.TfliteMicro });

    /// <summary>The raw bytes of the output for the raw bytes of an input.</summary>
    public byte[] Output(ReadOnlySpan<byte> input)
    {
        input.CopyTo(_executor.InputBytes());
        _executor.Run();
        return _executor.ValueBytes(graph.Outputs[0]).ToArray();
    }

    public void Dispose() => _executor.Dispose();
}
