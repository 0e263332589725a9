using Google.Protobuf;
using Kindling.Formats.Onnx.Schema;
using Kindling.Tensors;

namespace Kindling.Tests.Onnx;

/// <summary>Writes a file node by node, as other programs write them.</summary>
internal sealed class OnnxFile
{
    private readonly ModelProto _model;

    public OnnxFile(int opset, int ir = 8) => _model = new ModelProto
    {
        IrVersion = ir,
        Graph = new GraphProto { Name = "file" },
        OpsetImport = { new OperatorSetIdProto { Version = opset }, new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 } },
    };

    public ModelProto Model => _model;

    public byte[] Bytes => _model.ToByteArray();

    /// <summary>An input; a batch of 0 is left open.</summary>
    public OnnxFile Input(string name, params ReadOnlySpan<long> dims) => Input(name, 1, dims);

    public OnnxFile Input(string name, int type, ReadOnlySpan<long> dims)
    {
        _model.Graph.Input.Add(Info(name, type, dims));
        return this;
    }

    public OnnxFile Output(string name, int type = 1)
    {
        _model.Graph.Output.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type } } });
        return this;
    }

    /// <summary>An initializer of random numbers.</summary>
    public OnnxFile Random(string name, params ReadOnlySpan<int> dims)
    {
        var tensor = new Tensor(ElementType.Float32, new Shape(dims));
        var random = new Random(name.Length + name[0]);
        foreach (ref var v in tensor.AsSpan<float>())
            v = random.NextSingle() + (name.StartsWith("var", StringComparison.Ordinal) ? 0.5f : -0.5f);
        return Initializer(name, tensor);
    }

    public OnnxFile Floats(string name, int[] dims, params float[] values) => Initializer(name, Tensor.From<float>(new Shape(dims), values));

    public OnnxFile Longs(string name, params long[] values) => Initializer(name, Tensor.From<long>(new Shape(values.Length), values));

    public OnnxFile Initializer(string name, Tensor tensor) => Initializer(new TensorProto
    {
        Name = name,
        DataType = tensor.Type switch { ElementType.Float32 => 1, ElementType.UInt8 => 2, ElementType.Int8 => 3, ElementType.Int32 => 6, _ => 7 },
        Dims = { tensor.Shape.Select(d => (long)d) },
        RawData = ByteString.CopyFrom(tensor.Bytes),
    });

    public OnnxFile Initializer(TensorProto tensor)
    {
        _model.Graph.Initializer.Add(tensor);
        // Old files list initializers as inputs too.
        if (_model.IrVersion < 4)
            _model.Graph.Input.Add(Info(tensor.Name, tensor.DataType, [.. tensor.Dims]));
        return this;
    }

    public OnnxFile Node(string type, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var domain = type.Contains('.', StringComparison.Ordinal) ? type[..type.LastIndexOf('.')] : "";
        var node = new NodeProto { OpType = domain.Length > 0 ? type[(domain.Length + 1)..] : type, Domain = domain, Input = { inputs }, Output = { outputs } };
        foreach (var (name, value) in attributes)
        {
            node.Attribute.Add(value switch
            {
                int i => new AttributeProto { Name = name, I = i, Type = 2 },
                float f => new AttributeProto { Name = name, F = f, Type = 1 },
                string s => new AttributeProto { Name = name, S = ByteString.CopyFromUtf8(s), Type = 3 },
                TensorProto t => new AttributeProto { Name = name, T = t, Type = 4 },
                int[] list => new AttributeProto { Name = name, Ints = { list.Select(v => (long)v) }, Type = 7 },
                _ => throw new ArgumentException($"attribute {name}"),
            });
        }

        _model.Graph.Node.Add(node);
        return this;
    }

    public OnnxFile Node(string type, string inputs, string output, params (string Name, object Value)[] attributes) =>
        Node(type, inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(i => i == "-" ? "" : i).ToArray(), [output], attributes);

    private static ValueInfoProto Info(string name, int type, ReadOnlySpan<long> dims)
    {
        var shape = new TensorShapeProto();
        foreach (var d in dims)
            shape.Dim.Add(d == 0 ? new TensorShapeProto.Types.Dimension { DimParam = "N" } : new TensorShapeProto.Types.Dimension { DimValue = d });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = shape } } };
    }
}
