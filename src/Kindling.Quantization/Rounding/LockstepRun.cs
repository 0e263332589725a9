using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Quantization.Rounding;

/// <summary>
/// Runs nodes one at a time on a fixed set of images and keeps each value until it is forgotten: the float network and the int8 network
/// that is being written, side by side.
/// </summary>
internal sealed class LockstepRun(int images, int threads) : IDisposable
{
    private const int Batch = 16;
    private readonly Dictionary<Value, byte[]> _values = [];
    private readonly WorkerPool _pool = new(threads);

    /// <summary>Images of the set.</summary>
    public int Images => images;

    /// <summary>Memory for a value the caller computes itself, all images one after the other.</summary>
    public Span<byte> Provide(Value value) => _values[value] = new byte[value.Bytes * images];

    /// <summary>A value's bytes for one image.</summary>
    public ReadOnlySpan<byte> Bytes(Value value, int image) => _values[value].AsSpan((int)value.Bytes * image, (int)value.Bytes);

    /// <summary>A float value of one image.</summary>
    public ReadOnlySpan<float> Floats(Value value, int image) => MemoryMarshal.Cast<byte, float>(Bytes(value, image));

    /// <summary>Drops a value that nothing reads any more.</summary>
    public void Forget(Value value) => _values.Remove(value);

    /// <summary>Computes a node's output for all images; its inputs must be known.</summary>
    public void Run(Node node)
    {
        var inputs = node.Inputs.Where(i => !i.IsConstant).Distinct().ToList();
        var graph = new Graph(node.Name, inputs, [node.Output], [node]);
        using var executor = Executor.Compile(
            graph, new ExecutorOptions { Batch = Math.Min(Batch, images), Pool = _pool, Optimize = false, KeepAllValues = true });
        var output = Provide(node.Output);
        for (var first = 0; first < images; first += executor.Batch)
        {
            var count = Math.Min(executor.Batch, images - first);
            for (var i = 0; i < inputs.Count; i++)
                Slice(_values[inputs[i]], inputs[i], first, count).CopyTo(executor.InputBytes(i));
            executor.Run();
            executor.ValueBytes(node.Output)[..(int)(count * node.Output.Bytes)].CopyTo(Slice(output, node.Output, first, count));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    private static Span<byte> Slice(Span<byte> all, Value value, int first, int count) =>
        all.Slice((int)(first * value.Bytes), (int)(count * value.Bytes));
}
