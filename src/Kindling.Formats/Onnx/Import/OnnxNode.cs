using System.Diagnostics.CodeAnalysis;
using System.Text;
using Kindling.Formats.Onnx.Schema;

namespace Kindling.Formats.Onnx.Import;

/// <summary>A node of the file with typed access to its attributes.</summary>
internal sealed class OnnxNode
{
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);
    private readonly string _file;

    public OnnxNode(NodeProto node, int opset, string file)
    {
        _file = file;
        Opset = opset;
        Type = node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}";
        Inputs = node.Input;
        Outputs = node.Output;
        var output = node.Output.FirstOrDefault(o => o.Length > 0);
        Name = node.Name.Length > 0 ? node.Name : output ?? "(unnamed)";
        if (output is null)
            throw Fault("has no output");
        foreach (var attribute in node.Attribute)
            _attributes[attribute.Name] = attribute;
    }

    /// <summary>The version of the standard operators.</summary>
    public int Opset { get; }

    /// <summary>The operator, with its domain in front unless it is a standard one.</summary>
    public string Type { get; }

    /// <summary>The node's name, or its first output's.</summary>
    public string Name { get; }

    /// <summary>The names of the inputs; empty for one left out.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>The names of the outputs.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>The first output, the only one of most operators.</summary>
    public string Output => Outputs[0];

    /// <summary>True when an input is given.</summary>
    public bool HasInput(int index) => index < Inputs.Count && Inputs[index].Length > 0;

    /// <summary>True when an attribute is given.</summary>
    public bool Has(string name) => _attributes.ContainsKey(name);

    /// <summary>An integer attribute.</summary>
    public long Int(string name, long otherwise) => _attributes.TryGetValue(name, out var a) ? a.I : otherwise;

    /// <summary>A real attribute.</summary>
    public float Float(string name, float otherwise) => _attributes.TryGetValue(name, out var a) ? a.F : otherwise;

    /// <summary>A text attribute.</summary>
    public string Text(string name, string otherwise) =>
        _attributes.TryGetValue(name, out var a) ? Encoding.UTF8.GetString(a.S.Span) : otherwise;

    /// <summary>A list of integers; null when not given.</summary>
    public IReadOnlyList<long>? Ints(string name) => _attributes.TryGetValue(name, out var a) ? a.Ints : null;

    /// <summary>A list of reals; null when not given.</summary>
    public IReadOnlyList<float>? Floats(string name) => _attributes.TryGetValue(name, out var a) ? a.Floats : null;

    /// <summary>A tensor attribute; null when not given.</summary>
    public TensorProto? Tensor(string name) => _attributes.TryGetValue(name, out var a) ? a.T : null;

    /// <summary>A list of <paramref name="count"/> integers between two bounds.</summary>
    public int[] Window(string name, int count, int least, int otherwise)
    {
        var given = Ints(name);
        if (given is null || given.Count == 0)
            return [.. Enumerable.Repeat(otherwise, count)];
        if (given.Count != count)
            Fail($"{name} has {given.Count} numbers; {count} are allowed, for two-dimensional images");
        if (given.Any(v => v < least || v > OnnxLimits.LargestWindow))
            Fail($"{name} is [{string.Join(", ", given.Take(8))}]; allowed is {least} to {OnnxLimits.LargestWindow}");
        return [.. given.Select(v => (int)v)];
    }

    /// <summary>Brings an axis that may count from the end into 0 to rank - 1.</summary>
    public int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw Fault($"axis {axis} is not a dimension of a tensor of {rank}");

    /// <summary>The error that names the file, the node and the operator.</summary>
    public ModelFormatException Fault(string problem) => new($"{_file}: {Name} ({Type}): {problem}");

    /// <summary>Throws <see cref="Fault"/>.</summary>
    [DoesNotReturn]
    public void Fail(string problem) => throw Fault(problem);
}
