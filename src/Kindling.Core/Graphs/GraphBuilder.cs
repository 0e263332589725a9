using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Graphs;

/// <summary>How a window treats the border of its input while a network is being written down.</summary>
public enum BorderMode
{
    /// <summary>TensorFlow's SAME: ceil(input / stride) positions.</summary>
    Same,

    /// <summary>No padding.</summary>
    Valid,

    /// <summary>No padding before, as much behind as rounds the number of positions up (Caffe's pooling).</summary>
    Ceil,
}

/// <summary>
/// Writes a float network down layer by layer, as its paper does. Weights are drawn Glorot-uniform (Keras' default) from a stream
/// that depends on the seed and the layer's name only; biases are zero.
/// </summary>
public sealed class GraphBuilder
{
    private readonly List<Value> _inputs = [];
    private readonly List<Node> _nodes = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly string _name;
    private readonly long _seed;

    /// <summary>Starts a network.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    public GraphBuilder(string name, long seed = 0)
    {
        _name = name;
        _seed = seed;
    }

    /// <summary>Adds an input of batch 1.</summary>
    public Value Input(string name, params ReadOnlySpan<int> shape)
    {
        var value = new Value(Unique(name), ElementType.Float32, new Shape(shape));
        _inputs.Add(value);
        return value;
    }

    /// <summary>Adds a convolution with weights <c>[filters, kernel, kernel, C]</c>.</summary>
    public Value Conv2D(
        Value x, int filters, Size2D kernel, Size2D? stride = null, BorderMode border = BorderMode.Same, Padding? padding = null,
        Activation activation = Activation.None, bool bias = true, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        name = Unique(name ?? "conv");
        var step = stride ?? 1;
        var channels = x.Shape.Channels;
        var weights = Weights(
            name, new Shape(filters, kernel.Height, kernel.Width, channels),
            fanIn: kernel.Height * kernel.Width * channels, fanOut: kernel.Height * kernel.Width * filters);
        var op = new Conv2D(step, padding ?? Border(border, x.Shape, kernel, step), 1, activation);
        return Apply(op, name, bias ? [x, weights, Fill($"{name}/bias", filters, 0)] : [x, weights]);
    }

    /// <summary>Adds a depthwise convolution with weights <c>[kernel, kernel, C]</c>.</summary>
    public Value DepthwiseConv2D(
        Value x, Size2D kernel, Size2D? stride = null, BorderMode border = BorderMode.Same, Padding? padding = null,
        Activation activation = Activation.None, bool bias = true, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        name = Unique(name ?? "depthwise_conv");
        var step = stride ?? 1;
        var channels = x.Shape.Channels;
        // Keras counts a depthwise kernel [KH, KW, C, 1]: fan-in KH*KW*C, fan-out KH*KW.
        var weights = Weights(
            name, new Shape(kernel.Height, kernel.Width, channels),
            fanIn: kernel.Height * kernel.Width * channels, fanOut: kernel.Height * kernel.Width);
        var op = new DepthwiseConv2D(step, padding ?? Border(border, x.Shape, kernel, step), 1, activation);
        return Apply(op, name, bias ? [x, weights, Fill($"{name}/bias", channels, 0)] : [x, weights]);
    }

    /// <summary>Adds a fully connected layer with weights <c>[units, I]</c>.</summary>
    public Value Dense(Value x, int units, Activation activation = Activation.None, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        name = Unique(name ?? "dense");
        var weights = Weights(name, new Shape(units, x.Shape.Channels), fanIn: x.Shape.Channels, fanOut: units);
        return Apply(new Dense(activation), name, [x, weights, Fill($"{name}/bias", units, 0)]);
    }

    /// <summary>Adds batch normalization with gamma 1, beta 0, mean 0, variance 1.</summary>
    public Value BatchNorm(Value x, float epsilon = 1e-3f, float momentum = 0.99f, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        name = Unique(name ?? "batch_norm");
        var channels = x.Shape.Channels;
        return Apply(new BatchNorm(epsilon, momentum), name,
        [
            x, Fill($"{name}/gamma", channels, 1), Fill($"{name}/beta", channels, 0),
            Fill($"{name}/moving_mean", channels, 0), Fill($"{name}/moving_variance", channels, 1),
        ]);
    }

    /// <summary>Adds max pooling.</summary>
    public Value MaxPool2D(Value x, Size2D kernel, Size2D stride, BorderMode border = BorderMode.Valid, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Apply(new MaxPool2D(kernel, stride, Border(border, x.Shape, kernel, stride)), Unique(name ?? "max_pool"), [x]);
    }

    /// <summary>Adds average pooling.</summary>
    public Value AveragePool2D(Value x, Size2D kernel, Size2D stride, BorderMode border = BorderMode.Valid, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Apply(new AveragePool2D(kernel, stride, Border(border, x.Shape, kernel, stride)), Unique(name ?? "average_pool"), [x]);
    }

    /// <summary>Adds the mean of each channel over the image.</summary>
    public Value GlobalAveragePool(Value x, bool keepDimensions = false, string? name = null) =>
        Apply(new GlobalAveragePool(keepDimensions), Unique(name ?? "global_average_pool"), [x]);

    /// <summary>Adds ReLU.</summary>
    public Value Relu(Value x, string? name = null) => Apply(Operators.Clip.Relu, Unique(name ?? "relu"), [x]);

    /// <summary>Adds ReLU6.</summary>
    public Value Relu6(Value x, string? name = null) => Apply(Operators.Clip.Relu6, Unique(name ?? "relu6"), [x]);

    /// <summary>Adds a clip to a range.</summary>
    public Value Clip(Value x, float min, float max, string? name = null) => Apply(new Clip(min, max), Unique(name ?? "clip"), [x]);

    /// <summary>Adds a sigmoid.</summary>
    public Value Sigmoid(Value x, string? name = null) => Apply(new Sigmoid(), Unique(name ?? "sigmoid"), [x]);

    /// <summary>Adds a softmax over the channels.</summary>
    public Value Softmax(Value x, string? name = null) => Apply(new Softmax(), Unique(name ?? "softmax"), [x]);

    /// <summary>Adds an element-by-element sum.</summary>
    public Value Add(Value x, Value y, string? name = null) => Apply(new Add(), Unique(name ?? "add"), [x, y]);

    /// <summary>Adds an element-by-element product.</summary>
    public Value Multiply(Value x, Value y, string? name = null) => Apply(new Multiply(), Unique(name ?? "multiply"), [x, y]);

    /// <summary>Joins values along the channels.</summary>
    public Value Concat(string? name, params ReadOnlySpan<Value> values) =>
        Apply(new Concat(values[0].Shape.Rank - 1), Unique(name ?? "concat"), values.ToArray());

    /// <summary>Adds rows and columns of zeros.</summary>
    public Value Pad(Value x, Padding padding, string? name = null) => Apply(new Pad(padding), Unique(name ?? "pad"), [x]);

    /// <summary>Adds dropout.</summary>
    public Value Dropout(Value x, float rate, string? name = null) => Apply(new Dropout(rate), Unique(name ?? "dropout"), [x]);

    /// <summary>Adds dropout of whole samples, for residual branches.</summary>
    public Value DropConnect(Value x, float rate, string? name = null) => Apply(new Dropout(rate, PerSample: true), Unique(name ?? "drop_connect"), [x]);

    /// <summary>Changes the shape; <paramref name="shape"/> is for batch 1.</summary>
    public Value Reshape(Value x, Shape shape, string? name = null) => Apply(new Reshape(shape), Unique(name ?? "reshape"), [x]);

    /// <summary>Adds a node for any operator.</summary>
    public Value Apply(Operator op, string name, IReadOnlyList<Value> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentNullException.ThrowIfNull(inputs);
        _names.Add(name);
        var output = new Value(name, ElementType.Float32, op.Infer(name, inputs));
        _nodes.Add(new Node(name, op, inputs, output));
        return output;
    }

    /// <summary>Finishes the network.</summary>
    public Graph Build(ModelMetadata? metadata, params ReadOnlySpan<Value> outputs) =>
        new(_name, [.. _inputs], outputs.ToArray(), [.. _nodes], metadata);

    private static Padding Border(BorderMode border, Shape x, Size2D kernel, Size2D stride) => border switch
    {
        BorderMode.Same => Padding.Same(new Size2D(x.Height, x.Width), kernel, stride, 1),
        BorderMode.Valid => Padding.None,
        BorderMode.Ceil => Padding.None.WithCeil(new Size2D(x.Height, x.Width), kernel, stride),
        _ => throw new ArgumentOutOfRangeException(nameof(border)),
    };

    private string Unique(string name)
    {
        var unique = name;
        for (var i = 1; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    private Value Weights(string layer, Shape shape, int fanIn, int fanOut)
    {
        var tensor = new Tensor(ElementType.Float32, shape);
        var limit = MathF.Sqrt(6f / (fanIn + fanOut));
        var stream = new RandomStream(_seed, StableHash(layer));
        foreach (ref var w in tensor.AsSpan<float>())
            w = stream.NextSingle(-limit, limit);
        return new Value($"{layer}/weights", tensor);
    }

    private static Value Fill(string name, int count, float value)
    {
        var tensor = new Tensor(ElementType.Float32, new Shape(count));
        tensor.AsSpan<float>().Fill(value);
        return new Value(name, tensor);
    }

    // FNV-1a: string.GetHashCode differs from process to process.
    private static long StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return (long)hash;
    }
}
