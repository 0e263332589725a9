using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>
/// Turns float operators between DequantizeLinear and QuantizeLinear into operators on int8, so that a QDQ file runs in the integer executor.
/// What is not framed that way stays float; constants that stay float are dequantized once.
/// </summary>
internal sealed class IntegerLowering
{
    /// <summary>Scale and zero point the integer kernels give probabilities in.</summary>
    public static readonly Quantization Probability = new(1 / 256f, -128);

    private readonly Graph _graph;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Value, Value> _integers = [];
    private readonly Dictionary<Value, Value> _replaced = [];
    private readonly HashSet<string> _names;

    private IntegerLowering(Graph graph)
    {
        _graph = graph;
        _names = [.. graph.Inputs.Concat(graph.Constants).Concat(graph.Nodes.Select(n => n.Output)).Select(v => v.Name)];
    }

    /// <summary>Rewrites a graph; gives it back unchanged when it has no integers.</summary>
    public static Graph Run(Graph graph) =>
        graph.Nodes.Any(n => n.Output.Type.IsQuantized() || n.Inputs[0].Type.IsQuantized() || n.Operator is Dequantize)
            ? new IntegerLowering(graph).Run()
            : graph;

    private Graph Run()
    {
        foreach (var node in _graph.Nodes)
            Visit(node);
        var outputs = _graph.Outputs.Select(Map).ToList();
        return new Graph(_graph.Name, _graph.Inputs, outputs, Live(outputs), _graph.Metadata);
    }

    private void Visit(Node node)
    {
        switch (node.Operator)
        {
            case Dequantize:
                _integers[node.Output] = Map(node.Inputs[0]);
                if (node.Inputs[0].IsConstant)
                    _replaced[node.Output] = Dequantized(node);
                else
                    Emit(node);
                break;
            case Quantize when node.Output.Type == ElementType.Int8 && Map(node.Inputs[0]).Type == ElementType.Float32:
                if (!TryQuantized(node))
                    Emit(node);
                break;
            case MaxPool2D { Activation: Activation.None } or Reshape or Pad when _integers.TryGetValue(node.Inputs[0], out var x):
                KeepScale(node, x);
                break;
            case Clip clip when node.Output.Type == ElementType.Int8 && TryFuseIntegers(node, clip):
                break;
            default:
                Emit(node);
                break;
        }
    }

    // Quantize(op(Dequantize(x), ...)) and Quantize(Clip(op(Dequantize(x), ...))).
    private bool TryQuantized(Node quantize)
    {
        var q = quantize.Output.Quantization!;
        var source = quantize.Inputs[0];
        if (_integers.TryGetValue(source, out var same) && !same.IsConstant)
        {
            // A value that goes through float and back.
            if (same.Type == ElementType.Int8 && q.Equals(same.Quantization))
                _replaced[quantize.Output] = same;
            else
                _nodes.Add(new Node(quantize.Name, quantize.Operator, [same], quantize.Output));
            return true;
        }

        if (_graph.Producer(source) is not { } layer)
            return false;
        if (layer.Operator is Clip { } clip && IsReadOnce(source) && _graph.Producer(layer.Inputs[0]) is { } before && IsReadOnce(layer.Inputs[0])
            && clip.AsActivation() is { } activation && Activated(before.Operator, activation) is { } fused)
        {
            layer = new Node(before.Name, fused, before.Inputs, before.Output);
        }

        var inputs = IntegerInputs(layer);
        if (inputs is null)
            return false;
        switch (layer.Operator)
        {
            case Conv2D or DepthwiseConv2D or Dense or Add or Subtract or Multiply or GlobalAveragePool or HardSwish or LeakyRelu:
                _nodes.Add(new Node(layer.Name, layer.Operator, inputs, quantize.Output));
                return true;
            case MaxPool2D or AveragePool2D or Pad or Reshape:
                Rescale(layer, inputs, inputs[0].Quantization!, quantize);
                return true;
            case Clip:
                _nodes.Add(new Node(layer.Name, layer.Operator, inputs, quantize.Output));
                return true;
            case Sigmoid or Softmax { Beta: 1 }:
                Rescale(layer, inputs, Probability, quantize);
                return true;
            case Concat:
                _nodes.Add(new Node(layer.Name, layer.Operator, [.. inputs.Select(i => Rescaled(i, q))], quantize.Output));
                return true;
            default:
                return false;
        }
    }

    private void Rescale(Node layer, Value[] inputs, Quantization native, Node quantize)
    {
        if (native.Equals(quantize.Output.Quantization))
        {
            _nodes.Add(new Node(layer.Name, layer.Operator, inputs, quantize.Output));
            return;
        }

        var inner = new Value(Unique($"{layer.Output.Name}/int8"), ElementType.Int8, layer.Output.Shape, native);
        _nodes.Add(new Node(layer.Name, layer.Operator, inputs, inner));
        _nodes.Add(new Node(quantize.Name, quantize.Operator, [inner], quantize.Output));
    }

    // An operator that only moves elements runs on integers even where the file goes on in float.
    private void KeepScale(Node node, Value x)
    {
        if (x.IsConstant || x.Type != ElementType.Int8)
        {
            Emit(node);
            return;
        }

        var inner = new Value(Unique($"{node.Output.Name}/int8"), ElementType.Int8, node.Output.Shape, x.Quantization);
        _nodes.Add(new Node(node.Name, node.Operator, [x], inner));
        _nodes.Add(new Node(Unique($"{node.Name}/dequantized"), new Dequantize(), [inner], node.Output));
        _integers[node.Output] = inner;
    }

    // The layer's inputs as integers; null when one of them is float.
    private Value[]? IntegerInputs(Node layer)
    {
        var isLayer = layer.Operator is Conv2D or DepthwiseConv2D or Dense;
        var count = isLayer ? 2 : layer.Inputs.Count;
        var inputs = new Value[layer.Inputs.Count];
        for (var i = 0; i < count; i++)
        {
            if (!_integers.TryGetValue(layer.Inputs[i], out var x) || x.Type != ElementType.Int8)
                return null;
            inputs[i] = x;
        }

        if (!isLayer)
            return inputs.Any(i => i.Quantization!.IsPerChannel) ? null : inputs;
        if (!inputs[1].IsConstant || inputs[1].Quantization!.ZeroPoints.Any(z => z != 0) || inputs[0].Quantization!.IsPerChannel)
            return null;
        if (inputs.Length > 2)
        {
            if (Bias(layer.Inputs[2], inputs[0], inputs[1]) is not { } bias)
                return null;
            inputs[2] = bias;
        }

        return inputs;
    }

    private Value? Bias(Value bias, Value x, Value weights)
    {
        var scales = weights.Quantization!.Scales.Select(s => s * x.Quantization!.Scale).ToArray();
        var quantization = new Quantization(scales, new int[scales.Length], 0);
        if (_integers.TryGetValue(bias, out var integers) && integers.Type == ElementType.Int32 && Fits(integers.Quantization!, scales))
            return integers;
        if (Map(bias) is not { IsConstant: true, Type: ElementType.Float32 } constant)
            return null;
        var values = constant.Constant!.AsSpan<float>();
        var tensor = new Tensor(ElementType.Int32, constant.Shape);
        var target = tensor.AsSpan<int>();
        for (var i = 0; i < target.Length; i++)
        {
            var exact = Math.Round(values[i] / (double)scales[scales.Length == 1 ? 0 : i], MidpointRounding.AwayFromZero);
            target[i] = double.IsNaN(exact) ? 0 : (int)Math.Clamp(exact, int.MinValue, int.MaxValue);
        }

        return new Value(Unique($"{bias.Name}/int32"), tensor, quantization);
    }

    // Scales that differ by no more than the rounding of a product.
    private static bool Fits(Quantization given, float[] scales) =>
        given.ZeroPoints.All(z => z == 0) && given.Scales.Count == scales.Length
        && given.Scales.Zip(scales).All(p => Math.Abs(p.First - p.Second) <= p.Second * 1e-6f);

    // Clip on integers right after a layer of the same scale.
    private bool TryFuseIntegers(Node node, Clip clip)
    {
        var q = node.Output.Quantization;
        var x = Map(node.Inputs[0]);
        var index = _nodes.Count - 1;
        if (q is null || index < 0 || _nodes[index].Output != x || !q.Equals(x.Quantization) || !IsReadOnce(node.Inputs[0]))
            return false;
        var range = Steps(q, clip.Min, clip.Max);
        foreach (var activation in Enum.GetValues<Activation>())
        {
            var (min, max) = activation.Range();
            if (Steps(q, min, max) == range && Activated(_nodes[index].Operator, activation) is { } fused)
            {
                _nodes[index] = new Node(_nodes[index].Name, fused, _nodes[index].Inputs, node.Output);
                return true;
            }
        }

        return false;
    }

    // The integers a clip lets through.
    private static (double Min, double Max) Steps(Quantization q, float min, float max) =>
        (Math.Max(Math.Round(min / q.Scale) + q.ZeroPoint, -128), Math.Min(Math.Round(max / q.Scale) + q.ZeroPoint, 127));

    private static Operator? Activated(Operator op, Activation activation) => op switch
    {
        Conv2D { Activation: Activation.None } o => o with { Activation = activation },
        DepthwiseConv2D { Activation: Activation.None } o => o with { Activation = activation },
        Dense { Activation: Activation.None } o => o with { Activation = activation },
        Add { Activation: Activation.None } o => o with { Activation = activation },
        Subtract { Activation: Activation.None } o => o with { Activation = activation },
        Multiply { Activation: Activation.None } o => o with { Activation = activation },
        MaxPool2D { Activation: Activation.None } o => o with { Activation = activation },
        AveragePool2D { Activation: Activation.None } o => o with { Activation = activation },
        _ => null,
    };

    private static Value Dequantized(Node node)
    {
        var (tensor, q) = (node.Inputs[0].Constant!, node.Inputs[0].Quantization!);
        return new Value(node.Output.Name, Tensor.From<float>(tensor.Shape, QuantizedTensors.Dequantize(tensor, q)));
    }

    private Value Rescaled(Value value, Quantization q)
    {
        if (q.Equals(value.Quantization))
            return value;
        var rescaled = new Value(Unique($"{value.Name}/rescaled"), ElementType.Int8, value.Shape, q);
        _nodes.Add(new Node(rescaled.Name, new Quantize(), [value], rescaled));
        return rescaled;
    }

    private bool IsReadOnce(Value value) => !_graph.Outputs.Contains(value) && _graph.Consumers(value).Count == 1;

    private void Emit(Node node) =>
        _nodes.Add(node.Inputs.Any(_replaced.ContainsKey) ? new Node(node.Name, node.Operator, [.. node.Inputs.Select(Map)], node.Output) : node);

    private Value Map(Value value) => _replaced.GetValueOrDefault(value, value);

    private string Unique(string name)
    {
        var unique = name;
        for (var i = 1; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    private List<Node> Live(List<Value> outputs)
    {
        var needed = outputs.ToHashSet();
        var live = new List<Node>();
        foreach (var node in Enumerable.Reverse(_nodes).Where(n => needed.Contains(n.Output)))
        {
            needed.UnionWith(node.Inputs);
            live.Add(node);
        }

        live.Reverse();
        return live;
    }
}
