using Kindling.Formats.Onnx.Import.Operators;
using Kindling.Formats.Onnx.Schema;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>Turns a parsed file into a graph.</summary>
internal sealed class ModelImporter
{
    private readonly ModelProto _model;
    private readonly GraphProto _graph;
    private readonly string _file;
    private readonly OnnxTensorReader _tensors;
    private readonly int _opset;

    private ModelImporter(ModelProto model, string file, string? folder)
    {
        _model = model;
        _file = file;
        _graph = model.Graph ?? throw Fault("holds no graph; it is no ONNX model");
        _tensors = new OnnxTensorReader(file, new ExternalData(folder, file));
        _opset = Opset();
    }

    /// <summary>Imports a model.</summary>
    /// <param name="model">The parsed file.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="folder">The folder external data may lie in; null when there is none.</param>
    public static Graph Import(ModelProto model, string file, string? folder) => new ModelImporter(model, file, folder).Import();

    private Graph Import()
    {
        var nodes = _graph.Node.Select(n => new OnnxNode(n, _opset, _file)).ToList();
        var initializers = _graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = _graph.Input.Where(i => !initializers.Contains(i.Name)).ToList();
        if (inputs.Count == 0 || _graph.Output.Count == 0)
            throw Fault("has no inputs or no outputs");
        var context = new ImportContext(
            nodes, initializers, _graph.Output.Select(o => o.Name), inputs.Select(Batch).FirstOrDefault(b => b > 1, 1), _tensors);
        foreach (var initializer in _graph.Initializer)
            context.Define(new OnnxConstant(initializer.Name, _tensors.Read(initializer)));
        var values = inputs.Select(i => Input(context, i)).ToList();
        foreach (var node in nodes)
            OperatorImports.Import(context, node);
        var outputs = _graph.Output.Select(o => Output(context, o)).ToList();
        var graph = new Graph(_graph.Name.Length > 0 ? _graph.Name : "model", values, outputs, Live(context, outputs), OnnxMetadata.Read(_model, _file));
        var lowered = IntegerLowering.Run(graph);
        return lowered.Nodes.Any(n => n.Output.Type.IsQuantized()) ? lowered.With(lowered.Metadata with { Arithmetic = Int8Arithmetic.Xnnpack }) : lowered;
    }

    private int Opset()
    {
        var version = _model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? (_model.IrVersion < 3 ? 1 : 0);
        if (version is < 1 or > OnnxLimits.NewestOpset)
            throw Fault($"is written for opset {version}; supported are 1 to {OnnxLimits.NewestOpset}");
        if (_model.IrVersion > OnnxLimits.NewestIr)
            throw Fault($"is written in IR version {_model.IrVersion}; supported are versions up to {OnnxLimits.NewestIr}");
        return (int)version;
    }

    private int Batch(ValueInfoProto input)
    {
        var dimensions = input.Type?.TensorType?.Shape?.Dim;
        return dimensions is { Count: > 0 } && dimensions[0].DimValue is > 1 and <= OnnxLimits.LargestExtent ? (int)dimensions[0].DimValue : 1;
    }

    private Value Input(ImportContext context, ValueInfoProto input)
    {
        var type = input.Type?.TensorType ?? throw Fault($"input {input.Name} is no tensor");
        if (type.Shape is null || type.Shape.Dim.Count is < 2 or > OnnxLimits.LargestRank)
            throw Fault($"input {input.Name} has {type.Shape?.Dim.Count ?? 0} dimensions; a batch and at least one other are needed");
        var shape = new int[type.Shape.Dim.Count];
        shape[0] = 1;
        for (var i = 1; i < shape.Length; i++)
        {
            var d = type.Shape.Dim[i];
            if (d.DimValue is < 1 or > OnnxLimits.LargestExtent)
                throw Fault($"dimension {i} of input {input.Name} is \"{(d.DimParam.Length > 0 ? d.DimParam : d.DimValue)}\"; only the batch may be left open");
            shape[i] = (int)d.DimValue;
        }

        // Channels come first unless the first thing that happens is a transpose which says otherwise.
        var isImage = shape.Length == 4 && !IsChannelsLast(context, input.Name, 0);
        var layout = isImage ? Layout.Image(shape[2], shape[3], shape[1]) : Layout.Plain(shape);
        var memory = isImage ? new Shape(1, shape[2], shape[3], shape[1]) : new Shape(shape);
        var value = (OnnxDataType)type.ElemType switch
        {
            var real when real.IsReal() => new Value(input.Name, ElementType.Float32, memory),
            OnnxDataType.Int8 => new Value(input.Name, ElementType.Int8, memory, InputQuantization(context, input.Name)),
            OnnxDataType.UInt8 => new Value(input.Name, ElementType.UInt8, memory, InputQuantization(context, input.Name)),
            _ => throw Fault($"input {input.Name} has element type {type.ElemType}; real numbers, int8 and uint8 are supported"),
        };
        context.Define(new OnnxActivation(input.Name, value.Type == ElementType.UInt8 ? context.FromUnsigned(value) : value, layout));
        return value;
    }

    private static bool IsChannelsLast(ImportContext context, string name, int depth) => depth < 8 && context.Consumers(name).Any(n =>
        n.Type == "Transpose" ? n.Ints("perm")?.SequenceEqual([0, 3, 1, 2]) ?? false
        : n.Type is "QuantizeLinear" or "DequantizeLinear" or "Identity" && IsChannelsLast(context, n.Output, depth + 1));

    // An 8-bit input has the scale its first reader states.
    private Quantization InputQuantization(ImportContext context, string name)
    {
        foreach (var node in context.Consumers(name))
        {
            var index = node.Inputs.ToList().IndexOf(name);
            var isScaled = node.Type == "DequantizeLinear" || node.Type.Contains("QLinear", StringComparison.Ordinal) || node.Type == "com.microsoft.QGemm";
            if (isScaled && index >= 0 && node.HasInput(index + 1))
                return QuantizeImport.Raw(context, node, index + 1, index + 2, null);
        }

        throw Fault($"input {name} is an 8-bit integer, but no DequantizeLinear or QLinear operator says what its values stand for");
    }

    private Value Output(ImportContext context, ValueInfoProto output)
    {
        if (context.Find(output.Name) is not OnnxActivation activation)
            throw Fault($"output {output.Name} is never produced, or is a constant");
        var type = (OnnxDataType)(output.Type?.TensorType?.ElemType ?? 0);
        return context.Output(activation, type, _file);
    }

    private static List<Node> Live(ImportContext context, List<Value> outputs)
    {
        var needed = outputs.ToHashSet();
        var live = new List<Node>();
        foreach (var node in context.Nodes.Reverse().Where(n => needed.Contains(n.Output)))
        {
            needed.UnionWith(node.Inputs);
            live.Add(node);
        }

        live.Reverse();
        return live;
    }

    private ModelFormatException Fault(string problem) => new($"{_file} {problem}");
}
