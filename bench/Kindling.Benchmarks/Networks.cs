using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Quantization;
using Kindling.Zoo;

namespace Kindling.Benchmarks;

/// <summary>The networks that are measured.</summary>
public static class Networks
{
    /// <summary>Names, as tables print them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["SqueezeNet 1.1 @224", "SqueezeNet 1.1 @128", "MobileNet v1 0.25 @96", "MobileNet v1 0.25 @224", "MobileNet v1 1.0 @224"];

    /// <summary>A network with random weights.</summary>
    public static Graph Build(string name) => name switch
    {
        "SqueezeNet 1.1 @224" => SqueezeNet.V11(new ModelOptions { Height = 224, Width = 224, Classes = 1000 }),
        "SqueezeNet 1.1 @128" => SqueezeNet.V11(new ModelOptions { Height = 128, Width = 128, Classes = 1000 }),
        "MobileNet v1 0.25 @96" => MobileNetV1.Build(0.25, new ModelOptions { Height = 96, Width = 96, Classes = 5 }),
        "MobileNet v1 0.25 @224" => MobileNetV1.Build(0.25, new ModelOptions { Height = 224, Width = 224, Classes = 5 }),
        "MobileNet v1 1.0 @224" => MobileNetV1.Build(1.0, new ModelOptions { Height = 224, Width = 224, Classes = 1000 }),
        _ => throw new ArgumentException($"{name} is not one of {string.Join(", ", Names)}", nameof(name)),
    };

    /// <summary>A network compiled for inference, its input filled with noise.</summary>
    public static Executor Compile(string name, int threads, int batch = 1)
    {
        var executor = Executor.Compile(Build(name), new ExecutorOptions { Threads = threads, Batch = batch });
        Fill(executor);
        return executor;
    }

    /// <summary>The network with 8-bit weights and activations (uint8 in, float out), calibrated on noise.</summary>
    public static Graph Quantized(string name)
    {
        var graph = Build(name);
        var random = new RandomStream(2);
        var images = new float[4 * graph.Inputs[0].Shape.ElementCount];
        foreach (ref var x in images.AsSpan())
            x = random.NextSingle(-1, 1);
        return PostTrainingQuantizer.Quantize(graph, [images]).Graph;
    }

    /// <summary>A quantized network compiled for inference, its input filled with noise.</summary>
    public static Executor CompileInt8(Graph graph, int threads, int batch = 1)
    {
        var executor = Executor.Compile(graph, new ExecutorOptions { Threads = threads, Batch = batch });
        FillBytes(executor.InputBytes());
        return executor;
    }

    /// <summary>Fills an input with random bytes.</summary>
    public static void FillBytes(Span<byte> bytes)
    {
        var random = new RandomStream(1);
        foreach (ref var x in bytes)
            x = (byte)random.NextUInt64();
    }

    /// <summary>Fills the input with numbers from -1 to 1.</summary>
    public static void Fill(Executor executor)
    {
        var random = new RandomStream(1);
        foreach (ref var x in executor.Input<float>())
            x = random.NextSingle(-1, 1);
    }
}
