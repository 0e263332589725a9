using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Kernels.Float.Convolution;
using Kindling.Tensors;

namespace Kindling.Training.Planning;

/// <summary>A trained parameter's place among all of them.</summary>
/// <param name="Value">The constant of the graph.</param>
/// <param name="Offset">Floats from the start.</param>
/// <param name="Count">Floats, rounded up to whole vectors; the rest stays zero.</param>
internal sealed record ParameterSegment(Value Value, int Offset, int Count)
{
    /// <summary>True for weights, which decay; false for biases and the parameters of a normalization.</summary>
    public bool Decays => Value.Shape.Rank >= 2;
}

/// <summary>All float constants of a graph side by side in unmanaged memory, the trained ones first, and the gradients of those.</summary>
internal sealed unsafe class ParameterStore : IDisposable
{
    private const int Vector = 16;
    private readonly Dictionary<Value, int> _offsets = [];
    private readonly NativeBuffer _values;
    private readonly NativeBuffer _gradients;
    private readonly PlannedBuffer _valueBuffer;
    private readonly PlannedBuffer _gradientBuffer;

    /// <summary>Lays the constants out and copies their values.</summary>
    public ParameterStore(Graph graph, Func<Value, bool>? isTrainable)
    {
        var trained = TrainableConstants(graph).Where(v => isTrainable?.Invoke(v) ?? true).ToList();
        var rest = graph.Constants.Where(v => v.Type == ElementType.Float32).Except(trained).ToList();
        var end = 0;
        var segments = new List<ParameterSegment>();
        foreach (var value in trained.Concat(rest))
        {
            var count = (value.Shape.ElementCount + Vector - 1) / Vector * Vector;
            _offsets[value] = end;
            if (segments.Count < trained.Count)
                segments.Add(new ParameterSegment(value, end, count));
            end = checked(end + count);
        }

        Segments = segments;
        TrainedFloats = segments.Count == 0 ? 0 : segments[^1].Offset + segments[^1].Count;
        _values = new NativeBuffer((long)end * sizeof(float));
        _gradients = new NativeBuffer((long)TrainedFloats * sizeof(float));
        _valueBuffer = new PlannedBuffer("parameters", _values.Length) { IsExternal = true, Address = _values.Address };
        _gradientBuffer = new PlannedBuffer("parameter gradients", _gradients.Length) { IsExternal = true, Address = _gradients.Address };
        Load();
    }

    /// <summary>The trained parameters in their order.</summary>
    public IReadOnlyList<ParameterSegment> Segments { get; }

    /// <summary>Floats all constants take, trained or not, statistics included.</summary>
    public int AllFloats => (int)(_values.Length / sizeof(float));

    /// <summary>Floats all trained parameters take.</summary>
    public int TrainedFloats { get; }

    /// <summary>The trained parameters.</summary>
    public float* Values => _values.Floats;

    /// <summary>Their gradients.</summary>
    public float* Gradients => _gradients.Floats;

    /// <summary>True when a value is a constant that is trained.</summary>
    public bool IsTrainable(Value value) => _offsets.TryGetValue(value, out var offset) && offset < TrainedFloats;

    /// <summary>A constant's memory.</summary>
    public PlannedView View(Value value) => new(_valueBuffer, (long)_offsets[value] * sizeof(float), value.Shape, value.Shape.Channels);

    /// <summary>The memory of a constant's gradient; null when it is not trained.</summary>
    public PlannedView? Gradient(Value value) =>
        IsTrainable(value) ? new PlannedView(_gradientBuffer, (long)_offsets[value] * sizeof(float), value.Shape, value.Shape.Channels) : null;

    /// <summary>A constant's current floats.</summary>
    public FloatSource Source(Value value)
    {
        var address = _values.Floats + _offsets[value];
        var count = value.Shape.ElementCount;
        return () => new ReadOnlySpan<float>(address, count);
    }

    /// <summary>Copies the graph's constants here.</summary>
    public void Load()
    {
        foreach (var value in _offsets.Keys)
            value.Constant!.AsSpan<float>().CopyTo(Part(_values.Floats, value));
    }

    /// <summary>Copies the values back into the graph's constants.</summary>
    public void Store() => Store(_values.Floats);

    /// <summary>Copies values laid out as these into the graph's constants.</summary>
    public void Store(float* values)
    {
        foreach (var value in _offsets.Keys)
            Part(values, value).CopyTo(value.Constant!.AsSpan<float>());
    }

    /// <summary>The constants in the order of their memory.</summary>
    public IEnumerable<Value> Constants => _offsets.Keys;

    /// <summary>A constant's floats in memory laid out as this.</summary>
    public Span<float> Part(float* values, Value value) => new(values + _offsets[value], value.Shape.ElementCount);

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
        _gradients.Dispose();
    }

    private static IEnumerable<Value> TrainableConstants(Graph graph) =>
        graph.Nodes.SelectMany(node => node.Operator is Graphs.Operators.BatchNorm
                ? node.Inputs.Skip(1).Take(2)
                : node.Operator.ParameterInputs(node.Inputs))
            .Where(v => v.IsConstant && v.Type == ElementType.Float32)
            .Distinct();
}
