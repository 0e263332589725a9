using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Tflite;

/// <summary>Small networks with random weights that use every operator a file can hold.</summary>
internal static class SmallNetworks
{
    /// <summary>A float network with every operator that exists in float.</summary>
    public static Graph Float()
    {
        var b = new GraphBuilder("small_float", seed: 7);
        var x = b.Input("image", 1, 12, 12, 3);
        var y = b.Conv2D(x, 8, 3, stride: 2, activation: Activation.Relu6, name: "stem");
        y = b.Pad(y, new Padding(0, 0, 1, 1));
        y = b.DepthwiseConv2D(y, 3, border: BorderMode.Valid, activation: Activation.Relu, name: "depthwise");
        var squeezed = b.Conv2D(y, 8, 1, name: "squeeze");
        y = b.Add(squeezed, y);
        y = b.Concat("join", b.MaxPool2D(y, 3, 2, BorderMode.Same), b.AveragePool2D(y, 3, 2, BorderMode.Same));
        var gate = b.Sigmoid(b.Relu6(b.Conv2D(b.GlobalAveragePool(y, keepDimensions: true), 16, 1, name: "gate")));
        y = b.Relu(b.Multiply(y, gate));
        y = b.Reshape(y, new Shape(1, y.Shape.ElementCount));
        y = b.Clip(b.Dense(y, 4, name: "classifier"), -3, 2.5f);
        return b.Build(Metadata, b.Softmax(y));
    }

    /// <summary>An int8 classifier: uint8 photo in, float probabilities out, with joined values of different scales.</summary>
    public static Graph Int8(int seed = 3)
    {
        var random = new RandomStream(seed);
        var nodes = new List<Node>();
        var image = new Value("image", ElementType.UInt8, new Shape(1, 12, 12, 3), new Quantization(2 / 255f, 127));
        var x = Apply("input", new Quantize(), new Quantization(2 / 255f, -1), image);
        x = Conv("stem", x, 16, new Conv2D(2, Padding.Same(12, 3, 2, 1), 1, Activation.Relu6), 3, 0.02f);
        x = Apply("pad", new Pad(new Padding(0, 0, 1, 1)), x.Quantization!, x);
        var depthwise = new DepthwiseConv2D(1, Padding.None, 1, Activation.Relu);
        x = Apply("depthwise", depthwise, new Quantization(0.021f, -128), x, Weights("depthwise", new Shape(3, 3, 16), 2), Bias("depthwise", 16));
        var left = Conv("left", x, 8, new Conv2D(1, Padding.None, 1, Activation.Relu), 1, 0.03f);
        var right = Conv("right", x, 8, new Conv2D(1, Padding.Same(5, 3, 1, 1), 1, Activation.Relu), 3, 0.025f);
        x = Apply("join", new Concat(3), new Quantization(0.03f, -128), left, right);
        x = Apply("pool", new MaxPool2D(3, 2, Padding.Same(x.Shape.Height, 3, 2, 1)), x.Quantization!, x);
        var project = Conv("project", x, 16, new Conv2D(1, Padding.None, 1), 1, 0.04f, 4);
        x = Apply("add", new Add(Activation.Relu), new Quantization(0.05f, -128), project, x);
        var gate = Apply("squeeze", new GlobalAveragePool(true), new Quantization(0.02f, -128), x);
        gate = Apply("gate", new Sigmoid(), new Quantization(1f / 256, -128), gate);
        x = Apply("scale", new Multiply(), new Quantization(0.04f, -128), x, gate);
        x = Apply("mean", new GlobalAveragePool(), new Quantization(0.02f, -128), x);
        var weights = new Value("classifier/weights", Data(new Shape(5, 16)), new Quantization(0.01f, 0));
        x = Apply("classifier", new Dense(), new Quantization(0.08f, 5), x, weights, Bias("classifier", 5));
        x = Apply("softmax", new Softmax(), new Quantization(1f / 256, -128), x);
        x = Apply("scores", new Dequantize(), null, x);
        return new Graph("small_int8", [image], [x], nodes, Metadata);

        Value Conv(string name, Value input, int filters, Conv2D op, int kernel, float scale, int zeroPoint = -128) => Apply(
            name, op, new Quantization(scale, zeroPoint), input, Weights(name, new Shape(filters, kernel, kernel, input.Shape.Channels), 0), Bias(name, filters));

        Value Apply(string name, Operator op, Quantization? quantization, params Value[] inputs)
        {
            var type = op is Dequantize ? ElementType.Float32 : ElementType.Int8;
            var output = new Value(name, type, op.Infer(name, inputs), quantization);
            nodes.Add(new Node(name, op, inputs, output));
            return output;
        }

        Value Weights(string name, Shape shape, int axis)
        {
            var scales = new float[shape[axis]];
            foreach (ref var scale in scales.AsSpan())
                scale = random.NextSingle(0.003f, 0.01f);
            return new Value($"{name}/weights", Data(shape), new Quantization(scales, new int[scales.Length], axis));
        }

        Tensor Data(Shape shape)
        {
            var tensor = new Tensor(ElementType.Int8, shape);
            foreach (ref var w in tensor.AsSpan<sbyte>())
                w = (sbyte)(random.NextInt32(255) - 127);
            return tensor;
        }

        Value Bias(string name, int count)
        {
            var tensor = new Tensor(ElementType.Int32, new Shape(count));
            foreach (ref var b in tensor.AsSpan<int>())
                b = random.NextInt32(2000) - 1000;
            return new Value($"{name}/bias", tensor);
        }
    }

    private static ModelMetadata Metadata { get; } = new(
        new Preprocessing(12, 12, ColorMode.Bgr, [1 / 127.5f], [-1, -0.5f, 0.1f], Interpolation.Nearest, AspectRatio.Crop), ["daisy", "Löwenzahn \"", "c", "d"])
    {
        License = "CC0-1.0",
        Description = "A network for tests.",
    };
}
