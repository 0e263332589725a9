using System.Runtime.InteropServices;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>
/// A network that takes one image and answers one score a class, run on photos of 8-bit pixels: encodes them by <see cref="InputEncoder"/>,
/// runs, and gives the scores as floats whatever the types of the model. One caller at a time.
/// </summary>
public sealed class ImageClassifier : IDisposable
{
    private readonly Executor _executor;
    private readonly InputEncoder _encoder;
    private readonly Value _output;
    private readonly int _inputBytes;

    /// <summary>Compiles the network.</summary>
    /// <param name="graph">One input <c>[1, H, W, C]</c> (float32, uint8 or int8), one output <c>[1, classes]</c> (float32, uint8 or int8).</param>
    /// <param name="preprocessing">How pixels become values; null takes what travels with the graph.</param>
    /// <param name="batch">Photos a run.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <param name="arithmetic">How an int8 network rounds; null takes what travels with the graph.</param>
    /// <exception cref="KindlingException">The network is no image classifier.</exception>
    public ImageClassifier(
        Graph graph, Preprocessing? preprocessing = null, int batch = 1, int threads = 0, Int8Arithmetic? arithmetic = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (graph.Inputs.Count != 1 || graph.Inputs[0].Shape.Rank != 4 || graph.Outputs.Count != 1)
            throw new KindlingException($"{graph.Name} is no image classifier: one input [1, H, W, C] and one output are expected");
        var type = graph.Outputs[0].Type;
        if (type != ElementType.Float32 && !(type.IsQuantized() && graph.Outputs[0].Quantization is not null))
            throw new KindlingException($"{graph.Name}: output {graph.Outputs[0].Name} is {type.Name()}; scores are float32, or uint8 or int8 with a scale");
        _encoder = new InputEncoder(graph.Inputs[0], preprocessing ?? graph.Metadata.Preprocessing);
        _executor = Executor.Compile(graph, new ExecutorOptions { Batch = batch, Threads = threads, Arithmetic = arithmetic });
        _output = _executor.Graph.Outputs[0];
        _inputBytes = (int)graph.Inputs[0].Bytes;
        Classes = _output.Shape.ElementCount;
        PixelsPerImage = graph.Inputs[0].Shape.ElementCount;
    }

    /// <summary>Scores an image.</summary>
    public int Classes { get; }

    /// <summary>Bytes of pixels an image: H * W * C.</summary>
    public int PixelsPerImage { get; }

    /// <summary>Photos a run.</summary>
    public int Batch => _executor.Batch;

    /// <summary>Classifies photos.</summary>
    /// <param name="pixels"><c>count * H * W * C</c> bytes, count from 1 to <see cref="Batch"/>, prepared to the input's size and channel order.</param>
    /// <param name="scores">Receives <c>count * classes</c> scores.</param>
    /// <exception cref="ArgumentException">The spans do not fit each other or the batch.</exception>
    public void Classify(ReadOnlySpan<byte> pixels, Span<float> scores)
    {
        var count = pixels.Length / PixelsPerImage;
        if (count < 1 || count > Batch || pixels.Length != count * PixelsPerImage || scores.Length != count * Classes)
            throw new ArgumentException($"{pixels.Length} pixels and {scores.Length} scores are not 1 to {Batch} images of {PixelsPerImage} and {Classes}", nameof(pixels));
        _encoder.EncodePixels(pixels, _executor.InputBytes()[..(count * _inputBytes)]);
        _executor.Run();
        var bytes = _executor.ValueBytes(_output);
        if (_output.Type == ElementType.Float32)
        {
            MemoryMarshal.Cast<byte, float>(bytes)[..scores.Length].CopyTo(scores);
            return;
        }

        var q = _output.Quantization!;
        for (var i = 0; i < scores.Length; i++)
            scores[i] = ((_output.Type == ElementType.Int8 ? (sbyte)bytes[i] : bytes[i]) - q.ZeroPoint) * q.Scale;
    }

    /// <inheritdoc/>
    public void Dispose() => _executor.Dispose();
}
