using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;
using QuantizationParameters = Kindling.Tensors.Quantization;

namespace Kindling.Deployment.Tests;

/// <summary>Writes down int8 networks with random weights, scales and zero points, chosen so that outputs spread over all 256 values.</summary>
internal sealed class RandomNetwork
{
    private readonly List<Node> _nodes = [];
    private RandomStream _random;
    private Value _input = null!;
    private int _constants;

    public RandomNetwork(long seed) => _random = new RandomStream(seed);

    public Value Input(Shape shape, ElementType type = ElementType.Int8)
    {
        _input = new Value("input", type, shape, type == ElementType.Float32 ? null : Scale(type));
        return _input;
    }

    public int Next(int low, int high) => low + _random.NextInt32(high - low + 1);

    public Value Conv2D(
        Value x, int filters, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, Activation activation = Activation.None,
        bool perChannel = true, bool bias = true, double gain = 1, int? zeroPoint = null,
        int? dead = null)
    {
        var weights = Weights(new Shape(filters, kernel.Height, kernel.Width, x.Shape.Channels), kernel.Height * kernel.Width * x.Shape.Channels, perChannel ? filters : 1, 0);
        var output = Sum(x, gain, zeroPoint);
        var biases = Bias(filters);
        if (dead is { } channel)
        {
            // A scale next to nothing, and a bias that keeps the output below zero.
            var scales = weights.Quantization!;
            weights = new Value(
                weights.Name, weights.Constant!,
                new QuantizationParameters([.. scales.Scales.Select((s, c) => c == channel ? 1e-9f : s)], [.. scales.ZeroPoints], scales.Axis));
            biases.Constant!.AsSpan<int>()[channel] = -2_000_000_000;
        }

        Value[] inputs = bias ? [x, weights, biases] : [x, weights];
        return Add(new Conv2D(stride, padding, dilation, activation), inputs, output);
    }

    public Value DepthwiseConv2D(
        Value x, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, Activation activation = Activation.None, double gain = 1,
        int? zeroPoint = null)
    {
        var weights = Weights(new Shape(kernel.Height, kernel.Width, x.Shape.Channels), kernel.Height * kernel.Width, x.Shape.Channels, 2);
        return Add(
            new DepthwiseConv2D(stride, padding, dilation, activation), [x, weights, Bias(x.Shape.Channels)],
            Sum(x, gain, zeroPoint));
    }

    public Value Dense(Value x, int units, Activation activation = Activation.None, bool perChannel = false, double gain = 1)
    {
        var weights = Weights(new Shape(units, x.Shape.Channels), x.Shape.Channels, perChannel ? units : 1, 0);
        return Add(new Dense(activation), [x, weights, Bias(units)], Sum(x, gain));
    }

    public Value MaxPool2D(Value x, Size2D kernel, Size2D stride, Padding padding, Activation activation = Activation.None) =>
        Add(new MaxPool2D(kernel, stride, padding, activation), [x], x.Quantization!);

    public Value AveragePool2D(Value x, Size2D kernel, Size2D stride, Padding padding, bool countIncludesPadding = false) =>
        Add(new AveragePool2D(kernel, stride, padding, countIncludesPadding), [x], x.Quantization!);

    public Value Mean(Value x, bool keep = false) => Add(new GlobalAveragePool(keep), [x], Near(x.Quantization!, 1.5f));

    public Value Add(Value x, Value y, Activation activation = Activation.None) => Add(new Add(activation), [x, y], Near(x.Quantization!, 1.6f));

    public Value Subtract(Value x, Value y, Activation activation = Activation.None, float gain = 1) =>
        Add(new Subtract(activation), [x, y], Near(x.Quantization!, 1.6f / gain));

    public Value Multiply(Value x, Value y) =>
        Add(new Multiply(), [x, y], new QuantizationParameters(x.Quantization!.Scale * y.Quantization!.Scale * 60, Next(-60, 60)));

    public Value Concat(int axis, params Value[] values) => Add(new Concat(axis), values, values[0].Quantization!);

    public Value Pad(Value x, Padding padding) => Add(new Pad(padding), [x], x.Quantization!);

    public Value Clip(Value x, float min, float max, bool rescale = false) =>
        Add(new Clip(min, max), [x], rescale ? Near(x.Quantization!, 0.9f) : x.Quantization!);

    public Value Sigmoid(Value x) => Add(new Sigmoid(), [x], new QuantizationParameters(1f / 256, -128));

    public Value Softmax(Value x, float beta = 1) => Add(new Softmax(beta), [x], new QuantizationParameters(1f / 256, -128));

    public Value Reshape(Value x, Shape shape) => Add(new Reshape(shape), [x], x.Quantization!);

    public Value Quantize(Value x, ElementType type, bool sameScale = false) => Add(
        new Quantize(), [x],
        x.Type == ElementType.Float32 ? new QuantizationParameters(2f / 255, type == ElementType.UInt8 ? 120 : -5)
        : sameScale ? new QuantizationParameters(x.Quantization!.Scale, x.Quantization.ZeroPoint + (type == x.Type ? 0 : type == ElementType.Int8 ? -128 : 128))
        : Scale(type, x.Quantization!.Scale * _random.NextSingle(0.5f, 2)), type);

    public Value Dequantize(Value x) => Add(new Dequantize(), [x], null, ElementType.Float32);

    /// <summary>A constant second operand with one value a channel.</summary>
    public Value Operand(int channels) => new($"constant_{_constants++}", Random(new Shape(channels)), Scale(ElementType.Int8));

    public Graph Build(string name, Value output) => new(name, [_input], [output], _nodes);

    public byte[] Sample()
    {
        var bytes = new byte[_input.Bytes];
        if (_input.Type == ElementType.Float32)
        {
            var tensor = new Tensor(_input.Type, _input.Shape);
            foreach (ref var x in tensor.AsSpan<float>())
                x = _random.NextSingle(-1.5f, 1.5f);
            return tensor.Bytes.ToArray();
        }

        foreach (ref var b in bytes.AsSpan())
            b = (byte)_random.NextUInt64();
        return bytes;
    }

    private Value Add(Operator op, IReadOnlyList<Value> inputs, QuantizationParameters? quantization, ElementType type = ElementType.Int8)
    {
        var name = $"{op.Kind.ToLowerInvariant()}_{_nodes.Count}";
        var output = new Value(name, type, op.Infer(name, inputs), quantization);
        _nodes.Add(new Node(name, op, inputs, output));
        return output;
    }

    private QuantizationParameters Scale(ElementType type, float? scale = null) =>
        new(scale ?? _random.NextSingle(0.01f, 0.1f), type == ElementType.UInt8 ? Next(70, 180) : Next(-60, 60));

    private QuantizationParameters Near(QuantizationParameters quantization, float factor) => new(quantization.Scale * factor, Next(-60, 60));

    private QuantizationParameters Sum(Value x, double gain, int? zeroPoint = null) =>
        new((float)(x.Quantization!.Scale / gain), zeroPoint ?? Next(-60, 60));

    // Products of random bytes spread like the square root of their number; with these scales a layer keeps its input's range.
    private Value Weights(Shape shape, int terms, int scales, int axis)
    {
        var all = Enumerable.Range(0, scales).Select(_ => _random.NextSingle(0.7f, 1.3f) / (90 * MathF.Sqrt(terms))).ToArray();
        return new Value($"constant_{_constants++}", Random(shape), new QuantizationParameters(all, new int[scales], axis));
    }

    private Value Bias(int count)
    {
        var tensor = new Tensor(ElementType.Int32, new Shape(count));
        foreach (ref var b in tensor.AsSpan<int>())
            b = Next(-5000, 5000);
        return new Value($"constant_{_constants++}", tensor);
    }

    private Tensor Random(Shape shape)
    {
        var tensor = new Tensor(ElementType.Int8, shape);
        foreach (ref var w in tensor.AsSpan<sbyte>())
            w = (sbyte)Next(-127, 127);
        return tensor;
    }
}
