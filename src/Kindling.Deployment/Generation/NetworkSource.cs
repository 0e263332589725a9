using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>Collects the C text of a network while its nodes are visited: constants, layer descriptions and calls.</summary>
internal sealed partial class NetworkSource(string symbol, Graph graph, MemoryPlan plan, ConvolutionLayouts layouts)
{
    private readonly Dictionary<Value, string> _constants = [];
    private readonly Dictionary<(Value?, string, string), string> _weights = [];
    private readonly Dictionary<string, string> _tables = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _kernels = new(StringComparer.Ordinal);
    private int _step;
    private Node _node = null!;

    /// <summary>What every global name starts with: <c>kindling_model</c>.</summary>
    public string Symbol => symbol;

    /// <summary>Where everything lives.</summary>
    public MemoryPlan Plan => plan;

    /// <summary>How the weights of the convolutions are laid out.</summary>
    public ConvolutionLayouts Layouts => layouts;

    /// <summary>Definitions of the weights.</summary>
    public StringBuilder Weights { get; } = new();

    /// <summary>Declarations of the weights.</summary>
    public StringBuilder WeightDeclarations { get; } = new();

    /// <summary>Constant descriptions of the layers, and their tables.</summary>
    public StringBuilder Layers { get; } = new();

    /// <summary>The calls, one a layer.</summary>
    public StringBuilder Calls { get; } = new();

    /// <summary>Names of the kernels called, which are the names of their files.</summary>
    public IReadOnlyCollection<string> Kernels => _kernels;

    /// <summary>Bytes of int8 weights.</summary>
    public long WeightBytes { get; private set; }

    /// <summary>Bytes of int32 biases.</summary>
    public long BiasBytes { get; private set; }

    /// <summary>Bytes of multipliers and shifts.</summary>
    public long RequantizationBytes { get; private set; }

    /// <summary>Bytes of lookup tables.</summary>
    public long TableBytes { get; private set; }

    /// <summary>The name of the current layer's description: operator and step.</summary>
    public string LayerName => $"{CText.Identifier(_node.Operator.Kind)}_{_step}";

    /// <summary>Begins the text of a node.</summary>
    public void Begin(Node node, int step)
    {
        _node = node;
        _step = step;
    }

    /// <summary>Ends the text of a node that was written: measuring builds read their counter here.</summary>
    public void End() => Append($"KINDLING_AFTER_LAYER({_step});");

    /// <summary>The scratch of the current node.</summary>
    public string Scratch() => $"arena + {(_stage is null ? plan.ScratchOffsets[_node] : StageScratch(_stage))}";

    /// <summary>Where an activation lives: <c>arena + 1024</c>, or in a stage <c>rows->input</c>.</summary>
    public string At(Value value) => value.IsConstant ? _constants[value] : RowsOf(value) ?? $"arena + {plan[value].Offset}";

    /// <summary>Bytes from one pixel of a value to the next.</summary>
    public int PixelStride(Value value) => plan[value].PixelStride;

    /// <summary>The extents of an image and its place in a concatenation, as <c>kindling_image</c>.</summary>
    public string Image(Value value) =>
        $"{{ {UInt16(value.Shape.Height, "rows")}, {UInt16(value.Shape.Width, "columns")}, {UInt16(value.Shape.Channels, "channels")}, "
        + $"{UInt16(PixelStride(value), "channels of the concatenation")} }}";

    /// <summary>A sliding window as <c>kindling_window</c>.</summary>
    public string Window(Size2D kernel, Size2D stride, Size2D dilation, Padding padding)
    {
        int[] fields = [kernel.Height, kernel.Width, stride.Height, stride.Width, dilation.Height, dilation.Width, padding.Top, padding.Left];
        if (fields.Any(f => f > byte.MaxValue))
            throw Fail($"window {kernel}, stride {stride}, dilation {dilation}, padding {padding}: more than 255");
        return $"{{ {string.Join(", ", fields)} }}";
    }

    /// <summary>Adds the weights of a constant and gives their name.</summary>
    /// <param name="value">An int8 constant with zero point 0, or an operand with any zero point.</param>
    /// <param name="role">What it is: <c>weights</c>, <c>operand</c>.</param>
    /// <param name="rowLength">Values a row of the text stands for.</param>
    public string Int8Constant(Value value, string role, int rowLength)
    {
        if (_constants.TryGetValue(value, out var known))
            return known;
        var name = Define("int8_t", role, CText.Signed(value.Constant!.Bytes), rowLength, $"{value.Name} {value.Shape}", value.Shape.ElementCount, b => WeightBytes += b);
        _constants[value] = name;
        return name;
    }

    /// <summary>Adds weights in an order of their own and gives their name.</summary>
    /// <param name="type">The C type of an element.</param>
    /// <param name="role">What they are: <c>weight_pairs</c>.</param>
    /// <param name="values">The elements.</param>
    /// <param name="rowLength">Elements a row of the text stands for.</param>
    /// <param name="bytes">Bytes they take.</param>
    /// <param name="comment">Where they come from.</param>
    public string PackedWeights(string type, string role, ReadOnlySpan<int> values, int rowLength, long bytes, string comment)
    {
        return Define(type, role, values, rowLength, comment, bytes, b => WeightBytes += b);
    }

    /// <summary>Adds biases, multipliers and shifts of the fast kernels and gives the names of the two arrays.</summary>
    public (string Constants, string Shifts) Rounding(FastRounding rounding)
    {
        var channels = rounding.Shifts.Length;
        return (
            Define("int32_t", "constants", rounding.Constants, rounding.Constants.Length, "twice the bias and the multiplier of each output channel", channels, CountConstants),
            Define("int8_t", "shifts", rounding.Shifts, channels, "bits to the right, less one", channels, b => RequantizationBytes += b));
    }

    /// <summary>Adds a bias, zeros when the layer has none.</summary>
    public string Bias(Value? value, int channels)
    {
        if (value is not null && value.Type != ElementType.Int32)
            throw Fail($"bias {value.Name} is {value.Type.Name()}, not int32");
        var values = value is null ? new int[channels] : value.Constant!.AsSpan<int>().ToArray();
        return Define("int32_t", "bias", values, values.Length, value?.Name ?? "none", 4L * channels, b => BiasBytes += b);
    }

    /// <summary>Adds the multipliers and shifts of a layer and gives the two names.</summary>
    public (string Multipliers, string Shifts) Requantization(IReadOnlyList<QuantizedMultiplier> multipliers)
    {
        return (
            Define("int32_t", "multipliers", [.. multipliers.Select(m => m.Multiplier)], multipliers.Count, "Q0.31", 4L * multipliers.Count, b => RequantizationBytes += b),
            Define("int8_t", "shifts", [.. multipliers.Select(m => m.Shift)], multipliers.Count, "powers of two", multipliers.Count, b => RequantizationBytes += b));
    }

    // A bias and a multiplier.
    private void CountConstants(long channels)
    {
        BiasBytes += 4 * channels;
        RequantizationBytes += 4 * channels;
    }

    /// <summary>Adds a lookup table next to the layers, unless there is an equal one, and gives its name.</summary>
    public string Table(string type, int bytesEach, ReadOnlySpan<int> values)
    {
        var key = $"{type} {string.Join(' ', values.ToArray())}";
        if (_tables.TryGetValue(key, out var known))
            return known;
        TableBytes += (long)bytesEach * values.Length;
        var name = _tables[key] = $"{LayerName}_table";
        Layers.Append($"static const {type} {name}[{values.Length}] = ");
        CText.AppendArray(Layers, values, values.Length);
        Layers.Append(";\n\n");
        return name;
    }

    /// <summary>Adds the constant description of the current layer.</summary>
    public void Describe(string type, params ReadOnlySpan<(string Field, string Value)> fields)
    {
        if (_stage is not null)
            FitLayer(type, fields);
        Layers.Append($"static const {type} {LayerName} = {{\n");
        foreach (var (field, value) in fields)
            Layers.Append($"    .{field} = {value},\n");
        Layers.Append("};\n\n");
    }

    /// <summary>Adds a call of a kernel.</summary>
    public void Call(string kernel, string arguments, string? file = null)
    {
        _kernels.Add(file ?? kernel);
        Append($"{kernel}({arguments});");
    }

    /// <summary>Adds a line of comment before the calls of the current layer.</summary>
    public void Note(string text) => Calls.Append($"    /* {CText.Comment(text)} */\n");

    /// <summary>Checks that a value's pixels follow each other without gaps.</summary>
    public void RequireContiguous(Value value)
    {
        if (!value.IsConstant && PixelStride(value) != value.Shape.Channels)
            throw Fail($"{value.Name} is a slice of a concatenation, which this operator cannot read or write");
    }

    /// <summary>The quantization of an int8 activation.</summary>
    public Quantization Int8(Value value) => Quantized(value, ElementType.Int8);

    /// <summary>The quantization of an activation of a given 8-bit type (null: either).</summary>
    public Quantization Quantized(Value value, ElementType? type = null)
    {
        if (type is null ? !value.Type.IsQuantized() : value.Type != type)
            throw Fail($"{value.Name} is {value.Type.Name()}; C is generated for int8 graphs, so quantize the model first");
        if (value.Quantization is not { IsPerChannel: false } quantization)
            throw Fail($"{value.Name} has no scale and zero point");
        return quantization;
    }

    /// <summary>A number that must fit 16 unsigned bits.</summary>
    public string UInt16(int number, string what) =>
        number is >= 0 and <= ushort.MaxValue ? $"{number}" : throw Fail($"{number} {what} are more than {ushort.MaxValue}");

    /// <summary>The fault of the current node.</summary>
    public KindlingException Fail(string problem) => new($"{_node.Name} ({_node.Operator.Kind}): {problem}");

    private string Define(string type, string role, ReadOnlySpan<int> values, int rowLength, string comment, long bytes, Action<long> count)
    {
        // A layer that is computed twice has its weights once.
        var key = (_node.Inputs.ElementAtOrDefault(1), role, Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values))));
        if (_weights.TryGetValue(key, out var known))
            return known;
        count(bytes);
        var name = _weights[key] = $"{symbol}_{LayerName}_{role}";
        WeightDeclarations.Append($"extern const {type} {name}[{values.Length}];\n");
        Weights.Append($"/* {CText.Comment(comment)} */\nconst {type} {name}[{values.Length}] = ");
        CText.AppendArray(Weights, values, rowLength);
        Weights.Append(";\n\n");
        return name;
    }
}
