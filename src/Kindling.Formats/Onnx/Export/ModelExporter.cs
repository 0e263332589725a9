using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Export;

/// <summary>Turns a graph into a file.</summary>
internal sealed class ModelExporter
{
    private readonly Graph _graph;
    private readonly OnnxQuantization _quantization;
    private readonly ExportContext _context;

    private ModelExporter(Graph graph, int opset, OnnxQuantization quantization, OnnxWeights weights)
    {
        _graph = graph;
        _quantization = quantization;
        _context = new ExportContext(graph, opset, weights);
    }

    /// <summary>Exports a graph.</summary>
    public static ModelProto Export(Graph graph, int opset, OnnxQuantization quantization, OnnxWeights weights) =>
        new ModelExporter(graph, opset, quantization, weights).Export();

    // The IR version that appeared with each opset.
    private static int IrVersion(int opset) => opset switch
    {
        < 9 => 3,
        9 => 4,
        10 => 5,
        11 => 6,
        < 15 => 7,
        < 19 => 8,
        < 21 => 9,
        _ => 10,
    };

    private ModelProto Export()
    {
        var file = _context.Graph;
        file.Name = _graph.Name;
        foreach (var input in _graph.Inputs)
            Input(input);
        foreach (var node in _graph.Nodes)
            Write(node);
        foreach (var output in _graph.Outputs)
            Output(output);
        var model = new ModelProto
        {
            IrVersion = IrVersion(_context.Opset),
            ProducerName = "Kindling",
            ProducerVersion = typeof(ModelExporter).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = file,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = _context.Opset } },
        };
        if (_context.UsesMicrosoft)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        // Initializers had to be inputs too until IR version 4.
        if (model.IrVersion < 4)
            file.Input.AddRange(file.Initializer.Select(i => Info(i.Name, i.DataType, i.Dims, symbolic: false)));
        OnnxMetadata.Write(model, _graph.Metadata);
        return model;
    }

    private void Input(Value input)
    {
        _context.Graph.Input.Add(Info(input.Name, (int)OnnxTensorWriter.TypeOf(input.Type), [1, .. ShapeExport.Extents(input.Shape)], symbolic: true));
        _context.Define(input, input.Name);
        if (input.Type == ElementType.Int8)
            _context.Define(input, Converted(input, input.Name, $"{input.Name}/uint8", ElementType.Int8, ElementType.UInt8));
    }

    private void Output(Value output)
    {
        var name = _context.Name(output);
        if (output.Type == ElementType.Int8)
            name = Converted(output, name, output.Name, ElementType.UInt8, ElementType.Int8);
        else if (_context.Graph.Input.Any(i => i.Name == name) || _context.Graph.Output.Any(o => o.Name == name))
            name = _context.Add("Identity", $"{output.Name}/output", _context.Unique($"{output.Name}/output"), [name]);
        _context.Graph.Output.Add(Info(name, (int)OnnxTensorWriter.TypeOf(output.Type), [1, .. ShapeExport.Extents(output.Shape)], symbolic: true));
    }

    private void Write(Node node)
    {
        var output = node.Output;
        var isInnerInt8 = output.Type == ElementType.Int8 && _graph.Outputs.Contains(output);
        var name = isInnerInt8 ? _context.Unique($"{output.Name}/uint8") : output.Name;
        switch (node.Operator)
        {
            case Quantize when !node.Inputs[0].Type.IsQuantized():
                _context.Add("QuantizeLinear", node.Name, name, [_context.Name(node.Inputs[0]), .. _context.Quantization(output)]);
                break;
            case Quantize when IsSame(node.Inputs[0], output):
                name = _context.Name(node.Inputs[0]);
                break;
            case Quantize:
                _context.Add("QuantizeLinear", node.Name, name, [_context.Real(node.Inputs[0]), .. _context.Quantization(output)]);
                break;
            case Dequantize:
                _context.Add("DequantizeLinear", node.Name, name, [_context.Name(node.Inputs[0]), .. _context.Quantization(node.Inputs[0])]);
                break;
            case Dropout when output.Type.IsQuantized():
                name = _context.Name(node.Inputs[0]);
                break;
            case var _ when output.Type == ElementType.Float32:
                FloatExport.Write(_context, node, name);
                break;
            case var _ when _quantization == OnnxQuantization.QOperator && QOperatorExport.TryWrite(_context, node, name):
                break;
            default:
                var real = _context.Unique($"{output.Name}/float");
                FloatExport.Write(_context, node, real);
                _context.Add("QuantizeLinear", $"{node.Name}/quantize", name, [real, .. _context.Quantization(output)]);
                break;
        }

        _context.Define(output, name);
    }

    private static bool IsSame(Value a, Value b) =>
        a.Quantization!.Scale == b.Quantization!.Scale && ExportContext.UnsignedZeroPoint(a) == ExportContext.UnsignedZeroPoint(b);

    private string Converted(Value value, string x, string output, ElementType from, ElementType to)
    {
        var scale = _context.Number("scale", value.Quantization!.Scale);
        var zeroPoint = ExportContext.UnsignedZeroPoint(value);
        var real = _context.Unique($"{value.Name}/real");
        _context.Add("DequantizeLinear", real, real, [x, scale, ZeroPoint(from)]);
        return _context.Add("QuantizeLinear", $"{output}/quantize", output, [real, scale, ZeroPoint(to)]);

        string ZeroPoint(ElementType type) => _context.ZeroPoint(type == ElementType.UInt8 ? zeroPoint : zeroPoint - 128, type);
    }

    private static ValueInfoProto Info(string name, int type, IEnumerable<long> extents, bool symbolic)
    {
        var shape = new TensorShapeProto();
        foreach (var extent in extents)
            shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = extent });
        if (symbolic)
            shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimParam = "batch" };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = shape } } };
    }
}
