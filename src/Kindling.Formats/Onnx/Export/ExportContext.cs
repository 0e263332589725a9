using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Export;

/// <summary>The file while it is being written: nodes, initializers, and the name each value of the graph has in it.</summary>
internal sealed class ExportContext
{
    private readonly Dictionary<Value, string> _names = [];
    private readonly Dictionary<Value, string> _dequantized = [];
    private readonly Dictionary<(Value Value, string Role), string> _parameters = [];
    private readonly Dictionary<(string Kind, float Value), string> _numbers = [];
    private readonly HashSet<string> _taken;
    private readonly HashSet<string> _nodeNames = new(StringComparer.Ordinal);

    private readonly OnnxWeights _weights;

    public ExportContext(Graph graph, int opset, OnnxWeights weights)
    {
        Opset = opset;
        _weights = weights;
        _taken = [.. graph.Inputs.Concat(graph.Nodes.Select(n => n.Output)).Select(v => v.Name)];
    }

    /// <summary>The version of the standard operators.</summary>
    public int Opset { get; }

    /// <summary>The graph being written.</summary>
    public GraphProto Graph { get; } = new();

    /// <summary>True when an operator of ONNX Runtime's own was written.</summary>
    public bool UsesMicrosoft { get; private set; }

    /// <summary>The name of a value computed at run time; for 8-bit values that of the uint8 tensor.</summary>
    public string Name(Value value) => _names[value];

    /// <summary>States the name of a value.</summary>
    public void Define(Value value, string name) => _names[value] = name;

    /// <summary>Adds a node.</summary>
    /// <returns>The output's name.</returns>
    public string Add(string type, string node, string output, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var name = node;
        for (var i = 1; !_nodeNames.Add(name); i++)
            name = $"{node}_{i}";
        var proto = new NodeProto { OpType = type, Name = name, Input = { inputs }, Output = { output } };
        foreach (var attribute in attributes)
            proto.Attribute.Add(attribute);
        Graph.Node.Add(proto);
        return output;
    }

    /// <summary>Adds a node of ONNX Runtime's own operators.</summary>
    public string AddMicrosoft(string type, string node, string output, IEnumerable<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        Add(type, node, output, inputs, attributes);
        Graph.Node[^1].Domain = "com.microsoft";
        UsesMicrosoft = true;
        return output;
    }

    /// <summary>Adds an initializer under a name of its own.</summary>
    public string Initializer(string name, Tensor tensor)
    {
        var unique = Unique(name);
        Graph.Initializer.Add(OnnxTensorWriter.Write(unique, tensor));
        return unique;
    }

    /// <summary>One real number, written once.</summary>
    public string Number(string kind, float value) =>
        _numbers.TryGetValue((kind, value), out var name) ? name : _numbers[(kind, value)] = Initializer($"{kind}_{value:G9}", OnnxTensorWriter.Scalar(value));

    /// <summary>A zero point, written once.</summary>
    public string ZeroPoint(int zeroPoint, ElementType type)
    {
        var kind = $"zero_point_{type.Name()}";
        if (_numbers.TryGetValue((kind, zeroPoint), out var name))
            return name;
        var tensor = type == ElementType.UInt8 ? OnnxTensorWriter.Scalar((byte)zeroPoint) : OnnxTensorWriter.Scalar((sbyte)zeroPoint);
        return _numbers[(kind, zeroPoint)] = Initializer($"{kind}_{zeroPoint}", tensor);
    }

    /// <summary>Scale and zero point of an 8-bit activation as its uint8 tensor has them.</summary>
    public string[] Quantization(Value value) => [Number("scale", value.Quantization!.Scale), ZeroPoint(UnsignedZeroPoint(value), ElementType.UInt8)];

    /// <summary>The zero point of a value as uint8.</summary>
    public static int UnsignedZeroPoint(Value value) => value.Quantization!.ZeroPoint + (value.Type == ElementType.Int8 ? 128 : 0);

    /// <summary>A constant in ONNX's order, dequantized if it holds integers.</summary>
    /// <param name="value">The constant.</param>
    /// <param name="role">What <paramref name="arrange"/> depends on.</param>
    /// <param name="arrange">Puts the elements into order; quantized channels come first or alone.</param>
    public string Parameter(Value value, string role, Func<Tensor, Tensor> arrange)
    {
        if (_parameters.TryGetValue((value, role), out var known))
            return known;
        var name = Initializer(value.Name, arrange(Stored(value)));
        if (value.Type != ElementType.Float32)
            name = Dequantize(value, name);
        return _parameters[(value, role)] = name;
    }

    /// <summary>A constant of integers in ONNX's order, as integers.</summary>
    public string Integers(Value value, string role, Func<Tensor, Tensor> arrange) =>
        _parameters.TryGetValue((value, role), out var known) ? known : _parameters[(value, role)] = Initializer(value.Name, arrange(value.Constant!));

    /// <summary>8-bit weights in ONNX's order as integers, with their scales and zero points.</summary>
    public string[] Weights(Value value, string role, Func<Tensor, Tensor> arrange) =>
        [Integers(value, role, _ => arrange(Stored(value))), .. Scales(value)];

    /// <summary>The real numbers of an activation: its own name, or that of a DequantizeLinear behind it.</summary>
    public string Real(Value value)
    {
        if (!value.Type.IsQuantized())
            return Name(value);
        if (_dequantized.TryGetValue(value, out var known))
            return known;
        var output = Unique($"{value.Name}/dequantized");
        return _dequantized[value] = Add("DequantizeLinear", output, output, [Name(value), .. Quantization(value)]);
    }

    /// <summary>A name nothing in the file has yet.</summary>
    public string Unique(string name)
    {
        var unique = name;
        for (var i = 1; !_taken.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    private string Dequantize(Value value, string integers)
    {
        var q = value.Quantization
            ?? throw new KindlingException($"{value.Name} is {value.Type.Name()} without a scale; as real numbers it cannot be written");
        var name = Unique($"{value.Name}/dequantized");
        string[] inputs = [integers, .. Scales(value)];
        return q.IsPerChannel ? Add("DequantizeLinear", name, name, inputs, OnnxTensorWriter.Attribute("axis", 0)) : Add("DequantizeLinear", name, name, inputs);
    }

    // The elements of a constant in the type the file has them in.
    private Tensor Stored(Value value) => IsUnsigned(value) ? OnnxTensorWriter.ToUnsigned(value.Constant!) : value.Constant!;

    private bool IsUnsigned(Value value) => value.Type == ElementType.Int8 && _weights == OnnxWeights.UInt8;

    private string[] Scales(Value value)
    {
        var q = value.Quantization!;
        var scale = q.IsPerChannel ? Initializer($"{value.Name}/scale", OnnxTensorWriter.List<float>([.. q.Scales])) : Number("scale", q.Scale);
        var zeroPoint = new Tensor(IsUnsigned(value) ? ElementType.UInt8 : value.Type, q.IsPerChannel ? new Shape(q.Scales.Count) : Shape.Scalar);
        if (value.Type == ElementType.Int8)
            zeroPoint.Bytes.Fill((byte)(IsUnsigned(value) ? UnsignedZeroPoint(value) : q.ZeroPoint));
        return [scale, Initializer($"{value.Name}/zero_point", zeroPoint)];
    }
}
