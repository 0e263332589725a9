extern alias quantization;

using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;
using quantization::Kindling.Quantization;

namespace Kindling.Tests.Onnx;

/// <summary>Small networks that hold between them every operator the zoo uses, with weights that are not all alike.</summary>
internal static class OnnxNetworks
{
    public static readonly ModelMetadata Metadata = new(
        new Preprocessing(33, 35, ColorMode.Bgr, [0.017f, 0.018f, 0.019f], [-2, -2.1f, -1.9f], Interpolation.Bicubic, AspectRatio.Crop),
        ["daisy", "Löwenzahn", "ro\"se", "sun", "tulip"])
    {
        License = "CC0-1.0",
        Description = "A network for tests.",
    };

    public static IEnumerable<(string Name, Graph Graph)> Float { get; } =
    [
        ("squeeze", Shaken(Squeeze())), ("mobile", Shaken(Mobile())), ("excite", Shaken(Excite())), ("flatten", Shaken(Flatten())),
        ("pixels", Shaken(Pixels())), ("gray", Shaken(Gray())), ("curves", Shaken(Curves())),
    ];

    public static Graph ByName(string name) => Float.Single(f => f.Name == name).Graph;

    /// <summary>An int8 network quantized on random images.</summary>
    public static Graph Int8(string name, ElementType input = ElementType.Float32, ElementType output = ElementType.Float32) =>
        Int8(ByName(name), new QuantizationOptions { InputType = input, OutputType = output, Threads = 1 });

    /// <summary>An int8 network of layers, extents and weights drawn from a seed, from uint8 to uint8; every other one has one scale of weights a layer.</summary>
    public static Graph RandomInt8(int seed)
    {
        var options = new QuantizationOptions { OutputType = ElementType.UInt8, PerChannel = seed % 2 == 0, PerChannelDense = seed % 4 == 0, Threads = 1 };
        return Int8(Shaken(RandomFloat(seed)), options);
    }

    /// <summary>A float network, quantized on random images.</summary>
    public static Graph Int8(Graph graph, QuantizationOptions options)
    {
        var images = Enumerable.Range(0, 8).Select(i => (ReadOnlyMemory<float>)RandomInput(graph, i));
        return PostTrainingQuantizer.Quantize(graph, images, options).Graph;
    }

    public static float[] RandomInput(Graph graph, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(_ => (random.NextSingle() * 4) - 2)];
    }

    public static byte[] RandomBytes(Graph graph, int seed)
    {
        var bytes = new byte[graph.Inputs[0].Shape.ElementCount];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static float[] Run(Graph graph, float[] input)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1 });
        input.CopyTo(executor.Input<float>());
        executor.Run();
        return executor.Output<float>().ToArray();
    }

    public static byte[] RunBytes(Graph graph, ReadOnlySpan<byte> input, Int8Arithmetic? arithmetic = Int8Arithmetic.TfliteMicro)
    {
        using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1, Arithmetic = arithmetic });
        input.CopyTo(executor.InputBytes());
        executor.Run();
        return executor.ValueBytes(executor.Graph.Outputs[0]).ToArray();
    }

    /// <summary>An image in the order of ONNX: channels first.</summary>
    public static T[] ChannelsFirst<T>(ReadOnlySpan<T> image, Shape shape)
    {
        if (shape.Rank != 4)
            return image.ToArray();
        var result = new T[image.Length];
        var pixels = shape.Height * shape.Width;
        for (var i = 0; i < image.Length; i++)
            result[(i % shape.Channels * pixels) + (i / shape.Channels)] = image[i];
        return result;
    }

    private static Graph RandomFloat(int seed)
    {
        var random = new Random(seed);
        var b = new GraphBuilder($"random{seed}", seed);
        var x = b.Input("input", 1, random.Next(9, 20), random.Next(9, 20), random.Next(1, 5));
        for (var layer = random.Next(2, 6); layer > 0; layer--)
        {
            var activation = random.Next(3) switch { 0 => Activation.None, 1 => Activation.Relu, _ => Activation.Relu6 };
            x = random.Next(5) switch
            {
                0 => b.DepthwiseConv2D(x, 3, random.Next(1, 3), activation: activation),
                1 => b.Concat(null, b.Conv2D(x, random.Next(1, 20), 1, activation: activation), b.Conv2D(x, random.Next(1, 20), 3, activation: activation)),
                2 => b.Add(x, b.Conv2D(x, x.Shape.Channels, 3, activation: activation)),
                3 => b.MaxPool2D(b.Conv2D(x, random.Next(1, 40), 1, activation: activation), 2, 1),
                _ => b.Conv2D(x, random.Next(1, 40), new Size2D(random.Next(1, 4), random.Next(1, 4)), random.Next(1, 3), activation: activation),
            };
        }

        return b.Build(null, b.Dense(b.GlobalAveragePool(x), random.Next(2, 12)));
    }

    private static Graph Squeeze()
    {
        var b = new GraphBuilder("squeeze", 1);
        var x = b.Input("input", 1, 33, 35, 3);
        x = b.Conv2D(x, 16, 3, 2, BorderMode.Valid, activation: Activation.Relu, name: "conv1");
        x = b.MaxPool2D(x, 3, 2, BorderMode.Ceil, "pool1");
        var squeezed = b.Conv2D(x, 8, 1, activation: Activation.Relu, name: "fire2/squeeze1x1");
        var narrow = b.Conv2D(squeezed, 12, 1, activation: Activation.Relu, name: "fire2/expand1x1");
        var wide = b.Conv2D(squeezed, 12, 3, activation: Activation.Relu, name: "fire2/expand3x3");
        x = b.Concat("fire2/concat", narrow, wide);
        x = b.Dropout(x, 0.5f, "drop9");
        x = b.Conv2D(x, 5, 1, activation: Activation.Relu, name: "conv10");
        x = b.GlobalAveragePool(x, name: "pool10");
        return b.Build(Metadata, b.Softmax(x, "softmax"));
    }

    private static Graph Mobile()
    {
        var b = new GraphBuilder("mobile", 2);
        var x = b.Input("input", 1, 33, 35, 3);
        x = b.Relu6(b.BatchNorm(b.Conv2D(x, 8, 3, 2, bias: false, name: "conv1")), "relu1");
        x = b.Pad(x, new Padding(0, 0, 1, 1), "pad2");
        x = b.Relu6(b.BatchNorm(b.DepthwiseConv2D(x, 3, 2, BorderMode.Valid, bias: false, name: "dw2")), "relu2");
        x = b.Conv2D(x, 16, 1, activation: Activation.Relu6, name: "pw2");
        x = b.GlobalAveragePool(x, name: "mean");
        return b.Build(Metadata, b.Softmax(b.Dense(x, 5, name: "dense"), "softmax"));
    }

    private static Graph Excite()
    {
        var b = new GraphBuilder("excite", 3);
        var image = b.Input("input", 1, 17, 15, 3);
        var x = b.Conv2D(image, 12, new Size2D(3, 5), new Size2D(2, 1), name: "conv1");
        x = b.Clip(x, -0.75f, 1.25f, "clip");
        var gate = b.GlobalAveragePool(x, keepDimensions: true, "squeeze");
        gate = b.Conv2D(gate, 4, 1, activation: Activation.Relu, name: "reduce");
        gate = b.Sigmoid(b.Conv2D(gate, 12, 1, name: "expand"), "gate");
        var excited = b.Multiply(x, gate, "excite");
        x = b.Add(x, excited, "residual");
        x = b.AveragePool2D(x, 3, 2, BorderMode.Same, "average");
        x = b.Apply(new DepthwiseConv2D(1, Padding.Uniform(2), 2, Activation.ReluN1To1), "dilated", [x, Weights("dilated/weights", 3, 3, 12)]);
        x = b.GlobalAveragePool(x, name: "mean");
        return b.Build(Metadata, b.Dense(x, 5, name: "dense"));
    }

    private static Graph Flatten()
    {
        var b = new GraphBuilder("flatten", 4);
        var x = b.Input("input", 1, 12, 10, 3);
        x = b.Conv2D(x, 6, 3, 1, BorderMode.Valid, activation: Activation.Relu, name: "conv1");
        x = b.MaxPool2D(x, 2, 2, name: "pool1");
        x = b.Reshape(x, new Shape(1, 5 * 4 * 6), "flatten");
        x = b.Dense(x, 20, Activation.Relu, "dense1");
        x = b.Reshape(x, new Shape(1, 2, 2, 5), "image");
        x = b.Conv2D(x, 4, 2, 1, BorderMode.Valid, name: "conv2");
        x = b.Reshape(x, new Shape(1, 4), "flatten2");
        return b.Build(Metadata, b.Softmax(b.Dense(x, 5, name: "dense2"), "softmax"));
    }

    private static Graph Pixels()
    {
        var b = new GraphBuilder("pixels", 5);
        var x = b.Input("input", 1, 9, 7, 3);
        x = b.Conv2D(x, 5, 3, name: "conv1");
        return b.Build(Metadata, b.Apply(new Softmax(2), "softmax", [x]));
    }

    private static Graph Gray()
    {
        var b = new GraphBuilder("gray", 6);
        var x = b.Input("input", 1, 11, 11, 1);
        x = b.Conv2D(x, 4, 3, 1, BorderMode.Valid, name: "conv1");
        x = b.Apply(new Multiply(), "scaled", [x, Weights("scale", 4)]);
        x = b.Apply(new Add(Activation.Relu), "shifted", [x, Weights("shift", 4)]);
        x = b.Apply(new AveragePool2D(3, 2, Padding.Uniform(1), CountIncludesPadding: true), "average", [x]);
        x = b.GlobalAveragePool(x, name: "mean");
        return b.Build(null, b.Apply(new Dense(), "dense", [x, Weights("dense/weights", 3, 4)]));
    }

    private static Graph Curves()
    {
        var b = new GraphBuilder("curves", 7);
        var x = b.Input("input", 1, 11, 9, 3);
        x = b.Apply(new HardSwish(), "swish", [b.Conv2D(x, 6, 3, name: "conv1")]);
        var y = b.Apply(new LeakyRelu(0.2f), "leaky", [b.Conv2D(x, 6, 1, name: "conv2")]);
        x = b.Apply(new Subtract(Activation.Relu6), "difference", [x, y]);
        x = b.Apply(new Subtract(), "shifted", [x, b.GlobalAveragePool(x, keepDimensions: true, "mean")]);
        x = b.MaxPool2D(x, 3, 2, name: "pool");
        return b.Build(Metadata, b.Dense(b.GlobalAveragePool(x, name: "end"), 5, name: "dense"));
    }

    private static Value Weights(string name, params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(ElementType.Float32, new Shape(shape));
        var random = new Random(name.Length);
        foreach (ref var w in tensor.AsSpan<float>())
            w = random.NextSingle() - 0.5f;
        return new Value(name, tensor);
    }

    // Biases and statistics as a trained network has them: not 0 and 1.
    public static Graph Shaken(Graph graph)
    {
        var random = new Random(graph.Name.Length);
        foreach (var constant in graph.Constants.Where(c => c.Shape.Rank == 1))
        {
            foreach (ref var v in constant.Constant!.AsSpan<float>())
                v += random.NextSingle() * 0.5f;
        }

        return graph;
    }
}
