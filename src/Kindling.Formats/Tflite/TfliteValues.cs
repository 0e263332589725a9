using System.Buffers.Binary;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Formats.Tflite;

/// <summary>The tensors of a file as values of a graph: each made once, checked when it is first used.</summary>
internal sealed class TfliteValues
{
    private const int HighestRank = 8;
    private readonly TfliteModel _model;
    private readonly Dictionary<int, Value> _values = [];
    private readonly Dictionary<int, Value> _depthwiseWeights = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    // Results of operators that only compute shapes; RESHAPE takes its shape from its output instead.
    private readonly HashSet<int> _shapeOnly = [];

    public TfliteValues(TfliteModel model) => _model = model;

    /// <summary>The name of a tensor for messages.</summary>
    public string Describe(int index) => $"tensor {index} ({_model.Tensors[index].Name})";

    /// <summary>The extents of a tensor, checked; a batch that is left open is 1.</summary>
    public Shape ShapeOf(int index)
    {
        var declared = _model.Tensors[index].Shape;
        if (declared.Length > HighestRank)
            throw _model.Fault($"{Describe(index)} has {declared.Length} dimensions; {HighestRank} are allowed");
        var dimensions = (int[])declared.Clone();
        if (dimensions.Length > 1 && dimensions[0] == -1)
            dimensions[0] = 1;
        long count = 1;
        foreach (var d in dimensions)
        {
            if (d < 1)
                throw _model.Fault($"{Describe(index)} has the shape [{string.Join(", ", declared)}]; only known sizes from 1 are supported");
            count = Math.Min((long)int.MaxValue + 1, count * d);
        }

        return count <= int.MaxValue
            ? new Shape(dimensions)
            : throw _model.Fault($"{Describe(index)} has the shape [{string.Join(", ", declared)}]: more than 2^31 - 1 elements");
    }

    /// <summary>Makes the value of an input of the graph.</summary>
    public Value DefineInput(int index)
    {
        var value = Define(index, "the list of inputs");
        return value.Shape.Rank == 0 || value.Shape.Batch == 1
            ? value
            : throw _model.Fault($"the input {value.Name} has the batch {value.Shape.Batch}; only 1 is supported");
    }

    /// <summary>Makes the value an operator produces.</summary>
    public Value Define(int index, string what)
    {
        if (!_model.Tensors[index].Data.IsEmpty)
            throw _model.Fault($"{what}: {Describe(index)} is a constant and cannot be written");
        if (_values.ContainsKey(index) || _shapeOnly.Contains(index))
            throw _model.Fault($"{what}: {Describe(index)} is written twice");
        return _values[index] = new Value(UniqueName(index), TypeOf(index), ShapeOf(index), QuantizationOf(index, ShapeOf(index)));
    }

    /// <summary>Notes that a tensor only holds a shape.</summary>
    public void DefineShape(int index) => _shapeOnly.Add(index);

    /// <summary>True when the tensor is known to hold only a shape: a constant or the result of shape operators.</summary>
    public bool IsShape(int index) => _shapeOnly.Contains(index) || !_model.Tensors[index].Data.IsEmpty;

    /// <summary>A value that an earlier operator produced, or an input.</summary>
    public Value Activation(int index, string what) => _values.TryGetValue(index, out var value) && !value.IsConstant
        ? value
        : throw _model.Fault($"{what} reads {Describe(index)}, which no earlier operator produces");

    /// <summary>An activation or a constant.</summary>
    public Value Any(int index, string what)
    {
        if (_values.TryGetValue(index, out var value))
            return value;
        return _model.Tensors[index].Data.IsEmpty
            ? Activation(index, what)
            : _values[index] = new Value(UniqueName(index), ConstantOf(index), QuantizationOf(index, ShapeOf(index)));
    }

    /// <summary>A constant as the file holds it.</summary>
    public Value Constant(int index, string what)
    {
        var value = Any(index, what);
        return value.IsConstant ? value : throw _model.Fault($"{what}: {Describe(index)} must be a constant");
    }

    /// <summary>Depthwise weights, from the file's <c>[1, KH, KW, C]</c> to <c>[KH, KW, C]</c>.</summary>
    public Value DepthwiseWeights(int index, string what)
    {
        if (_depthwiseWeights.TryGetValue(index, out var known))
            return known;
        if (_model.Tensors[index].Data.IsEmpty)
            throw _model.Fault($"{what}: the weights {Describe(index)} must be a constant");
        var shape = ShapeOf(index);
        if (shape.Rank != 4 || shape[0] != 1)
            throw _model.Fault($"{what}: the weights {Describe(index)} are {shape}, not [1, KH, KW, C]");
        var quantization = QuantizationOf(index, shape);
        if (quantization is { IsPerChannel: true })
        {
            if (quantization.Axis != 3)
                throw _model.Fault($"{what}: the weights {Describe(index)} are quantized along axis {quantization.Axis}, not 3");
            quantization = new Quantization([.. quantization.Scales], [.. quantization.ZeroPoints], 2);
        }

        var tensor = ConstantOf(index).Reshape(new Shape(shape[1], shape[2], shape[3]));
        return _depthwiseWeights[index] = new Value(UniqueName(index), tensor, quantization);
    }

    /// <summary>Depthwise weights <c>[KH, KW, C]</c> of a single input channel as those of a convolution, <c>[C, KH, KW, 1]</c>.</summary>
    public Value AsConvolution(Value weights)
    {
        var (height, width, channels) = (weights.Shape[0], weights.Shape[1], weights.Shape[2]);
        var tensor = new Tensor(weights.Type, new Shape(channels, height, width, 1));
        var size = weights.Type.Size();
        var from = weights.Constant!.Bytes;
        var to = tensor.Bytes;
        for (var c = 0; c < channels; c++)
        {
            for (var tap = 0; tap < height * width; tap++)
                from.Slice(((tap * channels) + c) * size, size).CopyTo(to[(((c * height * width) + tap) * size)..]);
        }

        var quantization = weights.Quantization is { IsPerChannel: true } q ? new Quantization([.. q.Scales], [.. q.ZeroPoints], 0) : weights.Quantization;
        return new Value(Unique($"{weights.Name}/convolution"), tensor, quantization);
    }

    /// <summary>Whole numbers an operator takes as an argument: axes, paddings.</summary>
    public int[] Integers(int index, string what)
    {
        var data = _model.Tensors[index].Data;
        var type = TypeOf(index);
        if (data.IsEmpty || type is not (ElementType.Int32 or ElementType.Int64))
            throw _model.Fault($"{what}: {Describe(index)} must be a constant of whole numbers");
        var count = ShapeOf(index).ElementCount;
        if ((long)count * type.Size() != data.Length)
            throw _model.Fault($"{Describe(index)} holds {data.Length} bytes, its shape asks for {(long)count * type.Size()}");
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
        {
            var number = type == ElementType.Int32
                ? BinaryPrimitives.ReadInt32LittleEndian(data.Span[(i * 4)..])
                : BinaryPrimitives.ReadInt64LittleEndian(data.Span[(i * 8)..]);
            if (number is < int.MinValue or > int.MaxValue)
                throw _model.Fault($"{what}: {Describe(index)} holds {number}, which is out of range");
            numbers[i] = (int)number;
        }

        return numbers;
    }

    /// <summary>A name that no value has yet.</summary>
    public string Unique(string name)
    {
        var unique = name;
        for (var i = 1; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    // A tensor's number makes its name unique at once, however many share it.
    private string UniqueName(int index)
    {
        var name = _model.Tensors[index].Name;
        return name.Length > 0 && _names.Add(name) ? name : Unique($"{(name.Length > 0 ? name : "tensor")}_{index}");
    }

    private ElementType TypeOf(int index) => TfliteSchema.TypeOf(_model.Tensors[index].TypeCode)
        ?? throw _model.Fault($"{Describe(index)} has the element type {TfliteSchema.NameOfType(_model.Tensors[index].TypeCode)}, which is not supported "
            + "(allowed are float32, int8, uint8, int32, int64)");

    private Tensor ConstantOf(int index)
    {
        var data = _model.Tensors[index].Data;
        var shape = ShapeOf(index);
        var type = TypeOf(index);
        return data.Length == (long)shape.ElementCount * type.Size()
            ? Tensor.FromBytes(type, shape, data.Span)
            : throw _model.Fault($"{Describe(index)} holds {data.Length} bytes, its shape {shape} of {type.Name()} asks for "
                + $"{(long)shape.ElementCount * type.Size()}");
    }

    private Quantization? QuantizationOf(int index, Shape shape)
    {
        var quantization = _model.Tensors[index].Quantization;
        if (quantization is not { IsPerChannel: true })
            return quantization;
        if (quantization.Axis < 0 || quantization.Axis >= shape.Rank)
            throw _model.Fault($"{Describe(index)} is quantized along axis {quantization.Axis}, its shape is {shape}");
        return quantization.Scales.Count == shape[quantization.Axis]
            ? quantization
            : throw _model.Fault($"{Describe(index)} has {quantization.Scales.Count} scales for {shape[quantization.Axis]} channels");
    }
}
