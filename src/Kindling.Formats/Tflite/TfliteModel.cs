using Kindling.Graphs;
using Kindling.Tensors;
using S = Kindling.Formats.Tflite.TfliteSchema;

namespace Kindling.Formats.Tflite;

/// <summary>A tensor as the file declares it.</summary>
/// <param name="Index">Its position in the file.</param>
/// <param name="Name">Its name; may be empty or not unique.</param>
/// <param name="TypeCode">The schema's number of its element type.</param>
/// <param name="Shape">Its extents, unchecked.</param>
/// <param name="Quantization">Scales and zero points; null when there are none.</param>
/// <param name="Data">Its constant data; empty when it has none.</param>
internal sealed record TfliteTensor(
    int Index, string Name, byte TypeCode, int[] Shape, Quantization? Quantization, ReadOnlyMemory<byte> Data);

/// <summary>An operator as the file declares it.</summary>
/// <param name="Index">Its position in the file.</param>
/// <param name="Code">Its number in the schema.</param>
/// <param name="CustomName">Its name when it is a custom operator.</param>
/// <param name="Inputs">Tensor numbers; -1 where an optional input is absent.</param>
/// <param name="Outputs">Tensor numbers.</param>
/// <param name="OptionsType">The number of its attributes' table in the schema's union.</param>
/// <param name="Options">Its attributes; null when absent.</param>
internal sealed record TfliteOperator(int Index, TfliteOperatorCode Code, string? CustomName, int[] Inputs, int[] Outputs, byte OptionsType, FlatTable? Options);

/// <summary>The content of a TFLite file after the checks that need no knowledge of the operators.</summary>
internal sealed class TfliteModel
{
    private const int LongestName = 16384;
    private const int MostNames = 8;
    private readonly FlatBuffer _buffer;

    public TfliteModel(byte[] bytes, string file)
    {
        _buffer = new FlatBuffer(bytes, file);
        if (bytes.Length < 8 || !bytes.AsSpan(4, 4).SequenceEqual("TFL3"u8))
            throw _buffer.Fault($"not a TFLite file: the identifier {S.Identifier} is missing at byte 4");
        var root = _buffer.Root();
        var version = root.UInt32(S.Model.Version);
        if (version != S.Version)
            throw _buffer.Fault($"schema version {version}; only version {S.Version} is supported");
        var subgraphs = root.Tables(S.Model.Subgraphs, "subgraph");
        if (subgraphs.Length != 1)
        {
            var names = subgraphs.Take(MostNames).Select(s => s.Text(S.Subgraph.Name, "a subgraph's name") is { Length: > 0 } n ? Name(n, "a subgraph's name") : "unnamed");
            throw _buffer.Fault($"{subgraphs.Length} subgraphs ({string.Join(", ", names)}); only models with one are supported");
        }

        var subgraph = subgraphs[0];
        var buffers = ReadBuffers(root, bytes);
        GraphName = Name(subgraph.Text(S.Subgraph.Name, "the subgraph's name"), "the subgraph's name");
        Tensors = [.. subgraph.Tables(S.Subgraph.Tensors, "tensor").Select((t, i) => ReadTensor(t, i, buffers))];
        Inputs = subgraph.Int32s(S.Subgraph.Inputs, "the list of inputs");
        Outputs = subgraph.Int32s(S.Subgraph.Outputs, "the list of outputs");
        var codes = root.Tables(S.Model.OperatorCodes, "operator code").Select(ReadCode).ToList();
        Operators = [.. subgraph.Tables(S.Subgraph.Operators, "operator").Select((o, i) => ReadOperator(o, i, codes))];
        (Metadata, OtherMetadata) = ReadMetadata(root, buffers);
        foreach (var index in Inputs.Concat(Outputs))
            RequireTensor(index, "the list of inputs and outputs");
    }

    /// <summary>The file's name, for messages.</summary>
    public string File => _buffer.File;

    /// <summary>The subgraph's name; empty when absent.</summary>
    public string GraphName { get; }

    public IReadOnlyList<TfliteTensor> Tensors { get; }

    public IReadOnlyList<TfliteOperator> Operators { get; }

    public IReadOnlyList<int> Inputs { get; }

    public IReadOnlyList<int> Outputs { get; }

    /// <summary>The bytes of Kindling's metadata entry; empty when absent.</summary>
    public ReadOnlyMemory<byte> Metadata { get; }

    /// <summary>The other metadata entries, in the file's order.</summary>
    public IReadOnlyList<MetadataEntry> OtherMetadata { get; }

    /// <summary>The fault of the file, with its name in front.</summary>
    public ModelFormatException Fault(string problem) => _buffer.Fault(problem);

    private List<ReadOnlyMemory<byte>> ReadBuffers(FlatTable root, byte[] bytes)
    {
        var buffers = new List<ReadOnlyMemory<byte>>();
        foreach (var table in root.Tables(S.Model.Buffers, "buffer"))
        {
            if (table.UInt64(S.Buffer.Offset) > 1)
                throw _buffer.Fault($"buffer {buffers.Count} keeps its data outside the FlatBuffer, which is not supported");
            buffers.Add(table.Bytes(S.Buffer.Data, $"buffer {buffers.Count}", bytes));
        }

        return buffers;
    }

    private TfliteTensor ReadTensor(FlatTable table, int index, List<ReadOnlyMemory<byte>> buffers)
    {
        var name = Name(table.Text(S.Tensor.Name, $"the name of tensor {index}"), $"the name of tensor {index}");
        var what = $"tensor {index} ({name})";
        if (table.Bool(S.Tensor.IsVariable))
            throw _buffer.Fault($"{what} is a variable, which is not supported");
        if (table.Has(S.Tensor.Sparsity))
            throw _buffer.Fault($"{what} is stored sparsely, which is not supported");
        var buffer = table.UInt32(S.Tensor.Buffer);
        if (buffer >= buffers.Count && buffer != 0)
            throw _buffer.Fault($"{what} refers to buffer {buffer} of {buffers.Count}");
        return new TfliteTensor(
            index, name, table.Byte(S.Tensor.Type), table.Int32s(S.Tensor.Shape, $"the shape of {what}"),
            table.Table(S.Tensor.Quantization, $"the quantization of {what}") is { } q
                ? ReadQuantization(q, what, S.TypeOf(table.Byte(S.Tensor.Type))) : null,
            buffer == 0 ? default : buffers[(int)buffer]);
    }

    private Quantization? ReadQuantization(FlatTable table, string what, ElementType? type)
    {
        if (table.Byte(S.Quantization.DetailsType) != 0)
            throw _buffer.Fault($"{what} has custom quantization, which is not supported");
        var scales = table.Singles(S.Quantization.Scale, $"the scales of {what}");
        var zeroPoints = table.Int64s(S.Quantization.ZeroPoint, $"the zero points of {what}");
        // Biases may carry a scale of 0; only those of 8-bit tensors mean anything.
        if (scales.Length == 0 || (type?.IsQuantized() != true && scales.Any(s => !(s > 0) || !float.IsFinite(s))))
            return null;
        // The schema lets a list of zero points be left out when all are 0.
        if (zeroPoints.Length == 0)
            zeroPoints = new long[scales.Length];
        if (scales.Length != zeroPoints.Length)
            throw _buffer.Fault($"{what} has {scales.Length} scales and {zeroPoints.Length} zero points");
        if (scales.Any(s => !(s > 0) || !float.IsFinite(s)))
            throw _buffer.Fault($"{what} has the scale {scales.First(s => !(s > 0) || !float.IsFinite(s))}; scales are positive numbers");
        if (zeroPoints.Any(z => z is < -128 or > 255))
            throw _buffer.Fault($"{what} has the zero point {zeroPoints.First(z => z is < -128 or > 255)}; 8 bits hold -128 to 255");
        return new Quantization(scales, [.. zeroPoints.Select(z => (int)z)], table.Int32(S.Quantization.Dimension));
    }

    private (TfliteOperatorCode Code, string? Custom) ReadCode(FlatTable table)
    {
        var old = table.Byte(S.OperatorCode.DeprecatedBuiltinCode);
        var code = Math.Max(old, table.Int32(S.OperatorCode.BuiltinCode));
        return ((TfliteOperatorCode)code, Name(table.Text(S.OperatorCode.CustomCode, "a custom operator's name"), "a custom operator's name"));
    }

    private TfliteOperator ReadOperator(FlatTable table, int index, List<(TfliteOperatorCode Code, string? Custom)> codes)
    {
        var what = $"operator {index}";
        var code = table.UInt32(S.Operator.CodeIndex);
        if (code >= codes.Count)
            throw _buffer.Fault($"{what} refers to operator code {code} of {codes.Count}");
        var inputs = table.Int32s(S.Operator.Inputs, $"the inputs of {what}");
        var outputs = table.Int32s(S.Operator.Outputs, $"the outputs of {what}");
        foreach (var tensor in inputs.Where(i => i != -1).Concat(outputs))
            RequireTensor(tensor, what);
        return new TfliteOperator(
            index, codes[(int)code].Code, codes[(int)code].Custom, inputs, outputs,
            table.Byte(S.Operator.OptionsType), table.Table(S.Operator.Options, $"the options of {what}"));
    }

    private (ReadOnlyMemory<byte> Ours, IReadOnlyList<MetadataEntry> Others) ReadMetadata(FlatTable root, List<ReadOnlyMemory<byte>> buffers)
    {
        ReadOnlyMemory<byte>? ours = null;
        var others = new List<MetadataEntry>();
        foreach (var table in root.Tables(S.Model.Metadata, "metadata entry"))
        {
            var name = Name(table.Text(S.Metadata.Name, "a metadata entry's name"), "a metadata entry's name");
            var buffer = table.UInt32(S.Metadata.Buffer);
            if (buffer >= buffers.Count)
                throw _buffer.Fault($"the metadata entry {name} refers to buffer {buffer} of {buffers.Count}");
            if (name == S.MetadataName)
                ours ??= buffers[(int)buffer];
            else
                others.Add(new MetadataEntry(name, buffers[(int)buffer]));
        }

        return (ours ?? default, others);
    }

    private void RequireTensor(int index, string what)
    {
        if (index < 0 || index >= Tensors.Count)
            throw _buffer.Fault($"{what} refers to tensor {index} of {Tensors.Count}");
    }

    private string Name(string? name, string what) => name switch
    {
        null => "",
        { Length: > LongestName } => throw _buffer.Fault($"{what} is {name.Length} characters long; {LongestName} are allowed"),
        _ => name,
    };
}
