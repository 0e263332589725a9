using Kindling.Graphs;
using Kindling.Tensors;
using S = Kindling.Formats.Tflite.TfliteSchema;

namespace Kindling.Formats.Tflite;

/// <summary>Collects tensors, buffers and operators of a file and puts them together.</summary>
internal sealed class TfliteFileBuilder
{
    private const int BufferAlignment = 16;
    private readonly Graph _graph;
    private readonly List<FlatObject> _tensors = [];
    private readonly List<FlatObject> _buffers = [new FlatTableBuilder()];
    private readonly List<FlatObject> _operators = [];
    private readonly List<(TfliteOperatorCode Code, int Version)> _codes = [];
    private readonly Dictionary<Value, int> _indices = [];

    public TfliteFileBuilder(Graph graph)
    {
        _graph = graph;
        foreach (var input in graph.Inputs)
            Tensor(input);
    }

    /// <summary>The number of a value's tensor, added at first use.</summary>
    public int Tensor(Value value)
    {
        if (!_indices.TryGetValue(value, out var index))
            _indices[value] = index = AddTensor(value.Name, value.Type, value.Shape, value.Quantization, value.Constant);
        return index;
    }

    /// <summary>Lets a value share the tensor of another.</summary>
    public void Alias(Value value, Value original) => _indices[value] = Tensor(original);

    /// <summary>Lets a value stand for a tensor that was added in another form.</summary>
    public void Alias(Value value, int tensor) => _indices[value] = tensor;

    /// <summary>True when the value has its tensor.</summary>
    public bool Knows(Value value) => _indices.ContainsKey(value);

    /// <summary>Adds a tensor that is no value of the graph.</summary>
    public int AddTensor(string name, ElementType type, Shape shape, Quantization? quantization, Tensor? constant = null)
    {
        var table = new FlatTableBuilder()
            .Child(S.Tensor.Shape, FlatNumbers.Of(shape.AsSpan()))
            .Byte(S.Tensor.Type, S.TypeCode(type))
            .Child(S.Tensor.Name, new FlatText(name));
        if (constant is not null)
            table.Int32(S.Tensor.Buffer, AddBuffer(constant.Bytes.ToArray()));
        if (quantization is not null)
        {
            table.Child(S.Tensor.Quantization, new FlatTableBuilder()
                .Child(S.Quantization.Scale, FlatNumbers.Of<float>(quantization.Scales.ToArray()))
                .Child(S.Quantization.ZeroPoint, FlatNumbers.Of<long>(quantization.ZeroPoints.Select(z => (long)z).ToArray()))
                .Int32(S.Quantization.Dimension, quantization.IsPerChannel ? quantization.Axis : 0));
        }

        _tensors.Add(table);
        return _tensors.Count - 1;
    }

    /// <summary>Adds a constant list of whole numbers.</summary>
    public int AddIntegers(string name, Shape shape, params ReadOnlySpan<int> numbers) =>
        AddTensor(name, ElementType.Int32, shape, null, Tensors.Tensor.From(shape, numbers));

    /// <summary>Adds an operator.</summary>
    public void AddOperator(
        TfliteOperatorCode code, int version, ReadOnlySpan<int> inputs, int output, byte optionsType = S.Options.None, FlatTableBuilder? options = null)
    {
        var index = _codes.IndexOf((code, version));
        if (index < 0)
        {
            index = _codes.Count;
            _codes.Add((code, version));
        }

        _operators.Add(new FlatTableBuilder()
            .Int32(S.Operator.CodeIndex, index)
            .Child(S.Operator.Inputs, FlatNumbers.Of(inputs))
            .Child(S.Operator.Outputs, FlatNumbers.Of<int>([output]))
            .Byte(S.Operator.OptionsType, optionsType)
            .Child(S.Operator.Options, options));
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] Finish()
    {
        var entries = _graph.Metadata.Entries.Select(e => (e.Name, Bytes: e.Data.ToArray()))
            .Append((Name: S.MetadataName, Bytes: MetadataJson.Write(_graph.Metadata)))
            .Select(e => new FlatTableBuilder().Child(S.Metadata.Name, new FlatText(e.Name)).Int32(S.Metadata.Buffer, AddBuffer(e.Bytes))).ToList<FlatObject>();
        var subgraph = new FlatTableBuilder()
            .Child(S.Subgraph.Tensors, new FlatList(_tensors))
            .Child(S.Subgraph.Inputs, FlatNumbers.Of<int>([.. _graph.Inputs.Select(Tensor)]))
            .Child(S.Subgraph.Outputs, FlatNumbers.Of<int>([.. _graph.Outputs.Select(Tensor)]))
            .Child(S.Subgraph.Operators, new FlatList(_operators))
            .Child(S.Subgraph.Name, new FlatText(_graph.Name));
        var model = new FlatTableBuilder()
            .Int32(S.Model.Version, S.Version)
            .Child(S.Model.OperatorCodes, new FlatList([.. _codes.Select(c => Code(c.Code, c.Version))]))
            .Child(S.Model.Subgraphs, new FlatList([subgraph]))
            .Child(S.Model.Buffers, new FlatList(_buffers))
            .Child(S.Model.Metadata, new FlatList(entries));
        return FlatOutput.Finish(model, S.Identifier);
    }

    private int AddBuffer(byte[] bytes)
    {
        _buffers.Add(new FlatTableBuilder().Child(S.Buffer.Data, new FlatNumbers(bytes, 1, BufferAlignment)));
        return _buffers.Count - 1;
    }

    private static FlatTableBuilder Code(TfliteOperatorCode code, int version) => new FlatTableBuilder()
        .Byte(S.OperatorCode.DeprecatedBuiltinCode, (byte)Math.Min((int)code, (int)TfliteOperatorCode.PlaceholderForGreaterCodes))
        .Int32(S.OperatorCode.Version, version)
        .Int32(S.OperatorCode.BuiltinCode, (int)code);
}
