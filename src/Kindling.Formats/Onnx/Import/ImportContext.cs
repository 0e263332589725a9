using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>The graph while it is being read: what every name stands for, and the nodes so far.</summary>
internal sealed class ImportContext
{
    private readonly Dictionary<string, OnnxValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, string Role), Value> _parameters = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Value, Value> _integers = [];
    private readonly HashSet<string> _names;
    private readonly ILookup<string, OnnxNode> _consumers;
    private readonly HashSet<string> _outputs;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private long _budget = OnnxLimits.DerivedElements;

    public ImportContext(
        IReadOnlyList<OnnxNode> nodes, IEnumerable<string> initializers, IEnumerable<string> outputs, int batch, OnnxTensorReader tensors)
    {
        _names = [.. nodes.SelectMany(n => n.Outputs).Concat(initializers)];
        _consumers = nodes.SelectMany(n => n.Inputs.Where(i => i.Length > 0).Distinct().Select(i => (i, n))).ToLookup(p => p.i, p => p.n);
        _outputs = [.. outputs];
        Batch = batch;
        Tensors = tensors;
    }

    /// <summary>The batch the file was made for; 1 when it leaves it open.</summary>
    public int Batch { get; }

    /// <summary>Reads the tensors of attributes.</summary>
    public OnnxTensorReader Tensors { get; }

    /// <summary>The nodes so far.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>What a name stands for; null when nothing has defined it.</summary>
    public OnnxValue? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>The nodes that read a name.</summary>
    public IEnumerable<OnnxNode> Consumers(string name) => _consumers[name];

    /// <summary>True when one node and nothing else reads a name.</summary>
    public bool IsReadOnce(string name) => !_outputs.Contains(name) && _consumers[name].Count() == 1;

    /// <summary>Takes elements computed from the file's out of what one import may compute.</summary>
    public void Charge(OnnxNode node, long elements)
    {
        _budget -= elements;
        if (_budget < 0)
            throw node.Fault($"constants grow beyond {OnnxLimits.DerivedElements} elements");
    }

    /// <summary>Gives a name its meaning.</summary>
    public void Define(OnnxValue value) => _values[value.Name] = value;

    /// <summary>Gives an output of a node its meaning.</summary>
    public void Define(OnnxNode node, Value value, Layout layout) => Define(new OnnxActivation(node.Output, value, layout));

    /// <summary>The meaning of an input.</summary>
    public OnnxValue Input(OnnxNode node, int index)
    {
        if (!node.HasInput(index))
            throw node.Fault($"input {index} is missing");
        return Find(node.Inputs[index]) ?? throw node.Fault($"reads {node.Inputs[index]} before it is produced");
    }

    /// <summary>An input that is computed at run time.</summary>
    public OnnxActivation Activation(OnnxNode node, int index = 0) =>
        Input(node, index) as OnnxActivation ?? throw node.Fault($"input {node.Inputs[index]} is a constant; only computed tensors are supported there");

    /// <summary>An input that is computed at run time as float.</summary>
    public OnnxActivation FloatActivation(OnnxNode node, int index = 0)
    {
        var x = Activation(node, index);
        return x.Value.Type == ElementType.Float32
            ? x
            : throw node.Fault($"input {x.Name} is {x.Value.Type.Name()}; only float32 is supported there");
    }

    /// <summary>An input that is known from the file.</summary>
    public OnnxConstant Constant(OnnxNode node, int index) =>
        Input(node, index) as OnnxConstant ?? throw node.Fault($"input {node.Inputs[index]} is computed at run time; only constants are supported there");

    /// <summary>An input that is known from the file; null when it was left out.</summary>
    public OnnxConstant? OptionalConstant(OnnxNode node, int index) => node.HasInput(index) ? Constant(node, index) : null;

    /// <summary>Adds a node whose output bears the name of the file's node.</summary>
    public Value Emit(OnnxNode node, Operator op, params ReadOnlySpan<Value> inputs) =>
        Add(node.Name, node.Output, op, inputs, inputs[0].Type, inputs[0].Quantization);

    /// <summary>Adds a node whose output bears the name of the file's node, with a type of its own.</summary>
    public Value Emit(OnnxNode node, Operator op, ElementType type, Quantization? quantization, params ReadOnlySpan<Value> inputs) =>
        Add(node.Name, node.Output, op, inputs, type, quantization);

    /// <summary>Adds a node the file does not have, for a part of what its node does.</summary>
    public Value EmitPart(OnnxNode node, string part, Operator op, params ReadOnlySpan<Value> inputs)
    {
        var name = Unique($"{node.Name}/{part}");
        return Add(name, name, op, inputs, inputs[0].Type, inputs[0].Quantization);
    }

    /// <summary>Adds a node the file does not have, with a type of its own.</summary>
    public Value EmitPart(OnnxNode node, string part, Operator op, ElementType type, Quantization? quantization, params ReadOnlySpan<Value> inputs)
    {
        var name = Unique($"{node.Name}/{part}");
        return Add(name, name, op, inputs, type, quantization);
    }

    /// <summary>Puts a node in the place of the last one, when that produced a value which only <paramref name="reader"/> reads.</summary>
    public bool TryReplaceLast(OnnxActivation x, OnnxNode reader, Func<Node, Node?> replace)
    {
        if (_nodes.Count == 0 || _nodes[^1].Output != x.Value || !IsReadOnce(x.Name) || replace(_nodes[^1]) is not { } node)
            return false;
        _nodes[^1] = node;
        Define(new OnnxActivation(reader.Output, node.Output, x.Layout));
        return true;
    }

    /// <summary>The same elements under another shape.</summary>
    public Value Reshaped(OnnxNode node, Value value, Shape shape)
    {
        if (value.Shape.Equals(shape))
            return value;
        var name = Unique($"{value.Name}/reshaped");
        if (value.Shape.ElementCount != shape.ElementCount)
            throw node.Fault($"{value.Shape} cannot be seen as {shape}");
        return Add(name, name, new Reshape(shape), [value], value.Type, value.Quantization);
    }

    /// <summary>The value as <c>[1, H, W, C]</c>.</summary>
    public Value Image(OnnxNode node, OnnxActivation x)
    {
        var shape = x.Layout.Shape;
        if (!x.Layout.IsImage)
            throw node.Fault($"input {x.Name} [{string.Join(", ", shape)}] is not an image in channels-first order after the transposes and reshapes before it");
        if (shape[2] > OnnxLimits.LargestExtent || shape[3] > OnnxLimits.LargestExtent)
            throw node.Fault($"input {x.Name} is {shape[2]}x{shape[3]} pixels; at most {OnnxLimits.LargestExtent} a side are allowed");
        return Reshaped(node, x.Value, new Shape(1, shape[2], shape[3], shape[1]));
    }

    /// <summary>A constant as an input of a node, made once for each role it plays.</summary>
    /// <param name="node">The node, for messages.</param>
    /// <param name="constant">Where its elements come from.</param>
    /// <param name="role">What <paramref name="arrange"/> depends on.</param>
    /// <param name="quantizedAxis">Where the dimension its scales run along ends up.</param>
    /// <param name="arrange">Puts the elements into order.</param>
    public Value Parameter(OnnxNode node, OnnxConstant constant, string role, int quantizedAxis, Func<Tensor, Tensor> arrange)
    {
        if (_parameters.TryGetValue((constant.Name, role), out var known))
            return known;
        var tensor = arrange(constant.Tensor);
        Charge(node, tensor.Shape.ElementCount);
        Value value;
        if (constant.Dequantized is { } q)
        {
            if (tensor.Type == ElementType.UInt8)
                (tensor, q) = QuantizedTensors.ToSigned(tensor, q);
            var integers = new Value(Unique(constant.Source), tensor, q.IsPerChannel ? new Quantization([.. q.Scales], [.. q.ZeroPoints], quantizedAxis) : q);
            var name = Unique($"{constant.Source}/dequantized");
            value = Add(name, name, new Dequantize(), [integers], ElementType.Float32, null);
            _integers[value] = integers;
        }
        else
        {
            value = new Value(Unique(constant.Source), tensor);
        }

        return _parameters[(constant.Name, role)] = value;
    }

    /// <summary>The integers behind a dequantized parameter.</summary>
    public Value IntegersOf(Value parameter) => _integers[parameter];

    /// <summary>An 8-bit value with another scale and zero point.</summary>
    public Value Rescaled(OnnxNode node, Value value, Quantization quantization)
    {
        if (quantization.Equals(value.Quantization))
            return value;
        var name = Unique($"{value.Name}/rescaled");
        return Add(name, name, new Quantize(), [value], ElementType.Int8, quantization);
    }

    /// <summary>A constant of one's own making.</summary>
    public Value Constant(string name, Tensor tensor, Quantization? quantization = null) => new(Unique(name), tensor, quantization);

    /// <summary>The elements of a constant as real numbers.</summary>
    public float[] Floats(OnnxNode node, OnnxConstant constant)
    {
        Charge(node, constant.Tensor.Shape.ElementCount);
        if (constant.Dequantized is { } q)
            return QuantizedTensors.Dequantize(constant.Tensor, q);
        return constant.Tensor.Type == ElementType.Float32
            ? constant.Tensor.AsSpan<float>().ToArray()
            : throw node.Fault($"constant {constant.Name} is {constant.Tensor.Type.Name()}; only real numbers are supported there");
    }

    /// <summary>The elements of a constant as integers.</summary>
    public long[] Integers(OnnxNode node, OnnxConstant constant)
    {
        Charge(node, constant.Tensor.Shape.ElementCount);
        return constant.Tensor.Type switch
        {
            ElementType.Int64 => constant.Tensor.AsSpan<long>().ToArray(),
            ElementType.Int32 => Array.ConvertAll(constant.Tensor.AsSpan<int>().ToArray(), v => (long)v),
            _ => throw node.Fault($"constant {constant.Name} is {constant.Tensor.Type.Name()}; only integers are supported there"),
        };
    }

    /// <summary>The one element of a constant.</summary>
    public float Scalar(OnnxNode node, OnnxConstant constant) =>
        constant.Tensor.Shape.ElementCount == 1
            ? Floats(node, constant)[0]
            : throw node.Fault($"constant {constant.Name} is {constant.Tensor.Shape}; one number is allowed");

    /// <summary>An input of uint8 as the int8 everything behind it works on.</summary>
    public Value FromUnsigned(Value input)
    {
        var name = Unique($"{input.Name}_int8");
        return Add(name, name, new Quantize(), [input], ElementType.Int8, QuantizedTensors.ToSigned(input.Quantization!));
    }

    /// <summary>An output of the graph in the type the file declares; its elements must lie as ONNX sees them, or as an image.</summary>
    public Value Output(OnnxActivation x, OnnxDataType type, string file)
    {
        var shape = x.Layout.Shape;
        if (!x.Layout.IsPlain && !x.Layout.IsImage)
        {
            throw new ModelFormatException(
                $"{file}: output {x.Name} [{string.Join(", ", shape)}] would have to be reordered in memory, which is not supported");
        }

        var value = x.Value;
        if (type == OnnxDataType.UInt8 && value.Type == ElementType.Int8)
        {
            var q = value.Quantization!;
            var name = Unique($"{x.Name}_uint8");
            value = Add(name, name, new Quantize(), [value], ElementType.UInt8, new Quantization(q.Scale, q.ZeroPoint + 128));
        }

        var target = x.Layout.IsImage ? new Shape(1, shape[2], shape[3], shape[1]) : new Shape(shape);
        // A pooled image of one pixel is left as the vector it is.
        var isVector = target is { Rank: 4, Height: 1, Width: 1 } && value.Shape.Rank == 2;
        if (_nodes.Any(n => n.Output == value) && (isVector || value.Shape.Equals(target)))
            return value;
        var outputName = _nodes.Any(n => n.Output.Name == x.Name) ? Unique(x.Name) : x.Name;
        return Add(outputName, outputName, new Reshape(target), [value], value.Type, value.Quantization);
    }

    /// <summary>A name no value has yet.</summary>
    public string Unique(string name)
    {
        // A constant's own name is free until the first value made from it takes it.
        if (_values.GetValueOrDefault(name) is OnnxConstant && _taken.Add(name))
            return name;
        var unique = name;
        for (var i = 1; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        _taken.Add(unique);
        return unique;
    }

    private Value Add(string nodeName, string outputName, Operator op, ReadOnlySpan<Value> inputs, ElementType type, Quantization? quantization)
    {
        var list = inputs.ToArray();
        var output = new Value(outputName, type, op.Infer(nodeName, list), quantization);
        _nodes.Add(new Node(nodeName, op, list, output));
        return output;
    }
}
