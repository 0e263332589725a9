using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Quantization.Estimators;
using Kindling.Quantization.Rounding;
using Kindling.Tensors;
using Parameters = Kindling.Tensors.Quantization;

namespace Kindling.Quantization;

/// <summary>Writes the int8 network, node by node.</summary>
internal sealed class GraphQuantizer
{
    private readonly Graph _graph;
    private readonly IReadOnlyDictionary<Value, Parameters> _parameters;
    private readonly QuantizationOptions _options;
    private readonly Dictionary<Value, Value> _values = [];
    private readonly List<Node> _nodes = [];
    private readonly HashSet<string> _names;
    private readonly LayerTuner? _tuner;
    private readonly Dictionary<string, int> _pieces;

    public GraphQuantizer(Graph graph, IReadOnlyDictionary<Value, Parameters> parameters, QuantizationOptions options, LayerTuner? tuner = null, IReadOnlyList<SplitLayer>? splits = null)
    {
        _pieces = (splits ?? []).ToDictionary(s => s.Name, s => s.Pieces);
        _graph = graph;
        _tuner = tuner;
        _parameters = parameters;
        _options = options;
        _names = [.. graph.Inputs.Concat(graph.Constants).Concat(graph.Nodes.Select(n => n.Output)).Select(v => v.Name)];
    }

    /// <summary>Throws a <see cref="KindlingException"/> that names the first node without an 8-bit form.</summary>
    public static void CheckOperators(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            var known = node.Operator is Conv2D or DepthwiseConv2D or Dense or MaxPool2D or AveragePool2D or GlobalAveragePool or Add or Multiply
                or Concat or Pad or Clip or Sigmoid or HardSwish or LeakyRelu or Subtract or Softmax { Beta: 1 } or Reshape;
            if (!known || node.Output.Type != ElementType.Float32)
                throw new KindlingException($"{node.Name}: {node.Operator.Kind} on {node.Output.Type.Name()} has no 8-bit form");
        }
    }

    public Graph Run()
    {
        var input = QuantizeInput(_graph.Inputs[0]);
        _tuner?.Begin(input, _nodes);
        foreach (var node in _graph.Nodes)
        {
            var written = _nodes.Count;
            Quantize(node);
            _tuner?.Advance(node, _nodes.Skip(written), v => _values.GetValueOrDefault(v));
        }

        var outputs = _graph.Outputs.Select(ConvertOutput).ToList();
        return new Graph(_graph.Name, [input], outputs, _nodes, _graph.Metadata);
    }

    private Value QuantizeInput(Value input)
    {
        var int8 = _parameters[input];
        if (_options.InputType == ElementType.Int8)
            return _values[input] = new Value(input.Name, ElementType.Int8, input.Shape, int8);
        var outer = _options.InputType == ElementType.UInt8
            ? new Value(input.Name, ElementType.UInt8, input.Shape, new Parameters(int8.Scale, int8.ZeroPoint + 128))
            : new Value(input.Name, ElementType.Float32, input.Shape);
        var inner = new Value(Unique($"{input.Name}_int8"), ElementType.Int8, input.Shape, int8);
        _nodes.Add(new Node(inner.Name, new Quantize(), [outer], inner));
        _values[input] = inner;
        return outer;
    }

    private Value ConvertOutput(Value output)
    {
        var int8 = _values[output];
        if (_options.OutputType == ElementType.Int8)
            return int8;
        var name = Unique($"{output.Name}_{_options.OutputType.Name()}");
        var outer = _options.OutputType == ElementType.Float32
            ? new Value(name, ElementType.Float32, output.Shape)
            : new Value(name, ElementType.UInt8, output.Shape, new Parameters(int8.Quantization!.Scale, int8.Quantization.ZeroPoint + 128));
        Operator op = _options.OutputType == ElementType.Float32 ? new Dequantize() : new Quantize();
        _nodes.Add(new Node(name, op, [int8], outer));
        return outer;
    }

    private void Quantize(Node node)
    {
        var inputs = node.Operator switch
        {
            Conv2D => LayerInputs(node, 0, _options.PerChannel),
            DepthwiseConv2D => LayerInputs(node, 2, _options.PerChannel),
            Dense => LayerInputs(node, 0, _options.PerChannelDense),
            Concat => [.. node.Inputs.Select(i => Rescaled(Activation(i), _parameters[node.Output]))],
            _ => [.. node.Inputs.Select(Activation)],
        };
        var output = _values[node.Output] = new Value(node.Output.Name, ElementType.Int8, node.Output.Shape, _parameters[node.Output]);
        _nodes.Add(new Node(node.Name, node.Operator, inputs, output));
    }

    private Value[] LayerInputs(Node node, int channelAxis, bool perChannel)
    {
        var x = Activation(node.Inputs[0]);
        var weights = node.Inputs[1];
        var channels = weights.Shape[channelAxis];
        var bias = node.Inputs.Count > 2 ? node.Inputs[2].Constant!.AsSpan<float>() : new float[channels];
        // Shared weights are quantized for each reader: their bias, and so their scale, depends on the reader's input.
        var isPrivate = _graph.Consumers(weights).Count == 1;
        var source = isPrivate ? weights : new Value(Unique($"{node.Name}/{weights.Name}"), weights.Constant!);
        var biasName = node.Inputs.Count > 2 && _graph.Consumers(node.Inputs[2]).Count == 1 ? node.Inputs[2].Name : Unique($"{node.Name}/bias");
        var zeroPointError = ZeroPointError(node.Inputs[0]);
        var pieces = _pieces.GetValueOrDefault(node.Name, 1);
        var (w, b) = WeightQuantizer.Quantize(source, channelAxis, perChannel, bias, biasName, x.Quantization!.Scale, zeroPointError, (scales, rounded, biases) =>
        {
            // The pieces of a channel meet only where their weights are the same.
            Repeat(rounded, pieces);
            _tuner?.Tune(node, x, zeroPointError, scales, rounded, biases, pieces);
        });
        return [x, w, b];
    }

    /// <summary>Gives all pieces of a layer's channels the rows of the first.</summary>
    internal static void Repeat(Span<sbyte> rows, int pieces)
    {
        var size = rows.Length / pieces;
        for (var p = 1; p < pieces; p++)
            rows[..size].CopyTo(rows[(p * size)..]);
    }

    /// <summary>Steps by which the zero point of raw pixels lies below its exact place; 0 for every value but the input.</summary>
    private double ZeroPointError(Value value)
    {
        if (!_options.CompensateInputZeroPoint || value != _graph.Inputs[0] || _options.InputType == ElementType.Float32
            || _graph.Metadata.Preprocessing is not { } preprocessing || !new InputEncoder(_values[value], preprocessing).FeedsRawPixels)
        {
            return 0;
        }

        var exact = (-preprocessing.OffsetOf(0) / (double)preprocessing.ScaleOf(0)) - 128;
        return exact - _parameters[value].ZeroPoint;
    }

    private Value Activation(Value value)
    {
        if (_values.TryGetValue(value, out var known))
            return known;
        // A constant operand of a sum or product is quantized like an activation of that range.
        var source = value.Constant!.AsSpan<float>();
        var range = new ActivationRange(0, 0);
        foreach (var v in source)
            range = range.Union(new ActivationRange(v, v));
        var q = AffineQuantization.Asymmetric(range);
        var tensor = new Tensor(ElementType.Int8, value.Shape);
        var target = tensor.AsSpan<sbyte>();
        for (var i = 0; i < source.Length; i++)
            target[i] = AffineQuantization.ToInt8(source[i], q);
        return _values[value] = new Value(value.Name, tensor, q);
    }

    private Value Rescaled(Value value, Parameters parameters)
    {
        if (value.Quantization!.Equals(parameters))
            return value;
        var rescaled = new Value(Unique($"{value.Name}_rescaled"), ElementType.Int8, value.Shape, parameters);
        _nodes.Add(new Node(rescaled.Name, new Quantize(), [value], rescaled));
        return rescaled;
    }

    private string Unique(string name)
    {
        var unique = name;
        for (var i = 1; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }
}
