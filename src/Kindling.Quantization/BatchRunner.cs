using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Quantization;

/// <summary>Runs batches of any size through a network that keeps all its values, on an executor of the first batch's size.</summary>
internal sealed class BatchRunner(Graph graph, int threads) : IDisposable
{
    private Executor? _executor;

    /// <summary>Writes images into the input's bytes.</summary>
    public delegate void InputWriter(Span<byte> input, ReadOnlyMemory<float> images);

    /// <summary>Writes the values as they are, for a float input.</summary>
    public static void CopyFloats(Span<byte> input, ReadOnlyMemory<float> images) => MemoryMarshal.AsBytes(images.Span).CopyTo(input);

    /// <summary>Runs a batch; after each step the values of as many images as it yields can be read.</summary>
    public IEnumerable<int> Run(ReadOnlyMemory<float> batch, InputWriter write)
    {
        var input = graph.Inputs[0];
        var sample = input.Shape.ElementCount;
        if (batch.Length == 0 || batch.Length % sample != 0)
            throw new KindlingException($"{graph.Name}: a batch of {batch.Length} values is no whole number of {input.Shape.ToSizeString()} images");
        var images = batch.Length / sample;
        // Quantization answers for the device, whatever file the network was read from.
        _executor ??= Executor.Compile(
            graph, new ExecutorOptions { Batch = images, Threads = threads, Optimize = false, KeepAllValues = true, Arithmetic = Int8Arithmetic.TfliteMicro });
        for (var first = 0; first < images; first += _executor.Batch)
        {
            var count = Math.Min(_executor.Batch, images - first);
            write(_executor.InputBytes()[..(int)(count * input.Bytes)], batch.Slice(first * sample, count * sample));
            _executor.Run();
            yield return count;
        }
    }

    /// <summary>A float value of the first <paramref name="count"/> images of the last step.</summary>
    public ReadOnlySpan<float> Floats(Value value, int count) => MemoryMarshal.Cast<byte, float>(Bytes(value, count));

    /// <summary>The bytes of a value of the first <paramref name="count"/> images of the last step.</summary>
    public ReadOnlySpan<byte> Bytes(Value value, int count) => _executor!.ValueBytes(value)[..(int)(count * value.Bytes)];

    public void Dispose() => _executor?.Dispose();
}
