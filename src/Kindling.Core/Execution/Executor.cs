using System.Runtime.InteropServices;
using Kindling.Graphs;
using Kindling.Graphs.Passes;
using Kindling.Kernels;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>
/// A graph compiled for the host: one planned arena and a flat list of kernel calls. A run allocates nothing and gives the same bits
/// for any number of threads. One executor serves one caller at a time.
/// </summary>
public sealed unsafe class Executor : IDisposable
{
    private readonly NativeBuffer _arena;
    private readonly List<NativeBuffer> _constants = [];
    private readonly Dictionary<Value, TensorView> _views = [];
    private readonly Kernel[] _kernels;
    private readonly WorkerPool _pool;
    private readonly bool _ownsPool;

    private Executor(Graph graph, ExecutorOptions options)
    {
        Graph = options.Optimize ? Passes.ForInference(graph) : graph;
        Batch = options.Batch;
        var arithmetic = options.Arithmetic ?? graph.Metadata.Arithmetic ?? Int8Arithmetic.TfliteMicro;
        Plan = MemoryPlanner.Plan(Graph, new MemoryPlanOptions(options.Batch, 64, !options.KeepAllValues));
        _arena = new NativeBuffer(Plan.ArenaBytes);
        _ownsPool = options.Pool is null;
        _pool = options.Pool ?? new WorkerPool(options.Threads);
        foreach (var placement in Plan.Placements)
        {
            var shape = Batch == 1 ? placement.Value.Shape : placement.Value.Shape.WithBatch(placement.Value.Shape.Batch * Batch);
            _views[placement.Value] = new TensorView(
                _arena.Address + (nint)placement.Offset, placement.Value.Type, shape, placement.PixelStride, placement.Value.Quantization);
        }

        foreach (var constant in Graph.Constants)
            _views[constant] = Upload(constant);
        Steps = [.. Graph.Nodes.Where(n => !Plan.SkippedNodes.Contains(n)).Select(node =>
        {
            var kernel = KernelRegistry.Create(
                new KernelContext(node, [.. node.Inputs.Select(i => _views[i])], _views[node.Output]) { Arithmetic = arithmetic },
                options.UseReferenceKernels);
            kernel.Prepare();
            _pool.Reserve(kernel);
            return (node, kernel);
        })];
        _kernels = [.. Steps.Select(s => s.Kernel)];
    }

    /// <summary>The graph that runs: the one given, rewritten if <see cref="ExecutorOptions.Optimize"/> was set.</summary>
    public Graph Graph { get; }

    /// <summary>Samples a run.</summary>
    public int Batch { get; }

    /// <summary>Where each value lives.</summary>
    public MemoryPlan Plan { get; }

    /// <summary>The whole arena.</summary>
    internal Span<byte> ArenaMemory => new(_arena.Bytes, checked((int)_arena.Length));

    /// <summary>The kernels in the order they run, each with its node.</summary>
    internal IReadOnlyList<(Node Node, Kernel Kernel)> Steps { get; }

    /// <summary>Plans memory and kernels for a graph.</summary>
    /// <exception cref="GraphException">An operator has no kernel for its types; the message names the node.</exception>
    public static Executor Compile(Graph graph, ExecutorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new ExecutorOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch, 1);
        return new Executor(graph, options);
    }

    /// <summary>The elements of an input, to be filled before <see cref="Run"/> (a run may overwrite them).</summary>
    public Span<T> Input<T>(int index = 0)
        where T : unmanaged => Elements<T>(Graph.Inputs[index]);

    /// <summary>The elements of an output after <see cref="Run"/>, valid until the next run.</summary>
    public ReadOnlySpan<T> Output<T>(int index = 0)
        where T : unmanaged => Elements<T>(Graph.Outputs[index]);

    /// <summary>The raw bytes of an input.</summary>
    public Span<byte> InputBytes(int index = 0) => Bytes(Graph.Inputs[index]);

    /// <summary>The raw bytes of a value after a run; any value when compiled with <see cref="ExecutorOptions.KeepAllValues"/>.</summary>
    public ReadOnlySpan<byte> ValueBytes(Value value) => Bytes(value);

    /// <summary>Computes all outputs from the inputs.</summary>
    public void Run()
    {
        foreach (var kernel in _kernels)
            _pool.Run(kernel);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsPool)
            _pool.Dispose();
        _arena.Dispose();
        foreach (var buffer in _constants)
            buffer.Dispose();
        foreach (var kernel in _kernels.OfType<IDisposable>())
            kernel.Dispose();
    }

    private TensorView Upload(Value constant)
    {
        var buffer = new NativeBuffer(constant.Bytes);
        constant.Constant!.Bytes.CopyTo(new Span<byte>(buffer.Bytes, (int)constant.Bytes));
        _constants.Add(buffer);
        return new TensorView(buffer.Address, constant.Type, constant.Shape, constant.Shape.Channels, constant.Quantization);
    }

    private Span<T> Elements<T>(Value value)
        where T : unmanaged
    {
        if (ElementTypes.Of<T>() != value.Type)
            throw new InvalidOperationException($"{value.Name} holds {value.Type.Name()}, not {typeof(T).Name}");
        return MemoryMarshal.Cast<byte, T>(Bytes(value));
    }

    private Span<byte> Bytes(Value value)
    {
        var view = _views[value];
        if (!view.IsContiguous)
            throw new InvalidOperationException($"{value.Name} is a slice of a concatenation; compile with KeepAllValues to read it");
        return new Span<byte>((void*)view.Data, view.Shape.ElementCount * view.Type.Size());
    }
}
