using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training.Kernels;
using Kindling.Training.Optimizers;
using Kindling.Training.Planning;
using Kindling.Training.QuantizationAware;

namespace Kindling.Training;

/// <summary>
/// A graph compiled for training at one batch size: forward pass with batch statistics and dropout, categorical cross-entropy joined with the
/// closing softmax, backward pass, all in one planned arena. A step allocates nothing and gives the same bits for any number of threads.
/// </summary>
public sealed unsafe class TrainingPlan : IDisposable
{
    private readonly WorkerPool _pool;
    private readonly TrainingPlan? _owner;
    private readonly StepState _state;
    private readonly NativeBuffer _arena;
    private readonly NativeBuffer _labels;
    private readonly NativeBuffer _losses;
    private readonly NativeBuffer _correct;
    private readonly NativeBuffer? _targets;
    private readonly NativeBuffer? _teacher;
    private readonly NativeBuffer? _features;
    private readonly (Kernel Kernel, bool Prepare, string Name)[] _steps;
    private readonly PlanBuilder _builder;
    private readonly TensorView _images;
    private readonly StraightThroughWeights? _seen;
    private readonly int _classes;

    private TrainingPlan(Graph graph, TrainingPlanOptions options, WorkerPool pool, TrainingPlan? owner)
    {
        Graph = graph;
        Batch = options.Batch;
        _pool = pool;
        _owner = owner;
        _state = owner?._state ?? new StepState { Seed = options.Seed };
        var nodes = TrainingNodes.From(graph);
        _classes = nodes.Logits.Shape.Channels - options.Features;
        options.Check(_classes);
        Parameters = owner?.Parameters ?? new ParameterStore(graph, options.IsTrainable);
        if (Parameters.Segments.Count == 0)
            throw new GraphException($"{graph.Name}: nothing to train, all parameters are frozen");
        _seen = options.SeenWeights is { } seen ? new StraightThroughWeights(Parameters, seen) : null;
        _labels = new NativeBuffer((long)Batch * sizeof(int));
        _losses = new NativeBuffer((long)Batch * sizeof(float));
        _correct = new NativeBuffer((long)Batch * sizeof(int));
        var scoreBytes = (long)Batch * _classes * sizeof(float);
        _targets = options.HasSoftTargets ? new NativeBuffer(scoreBytes) : null;
        _teacher = options.TeacherWeight > 0 ? new NativeBuffer(scoreBytes) : null;
        _features = options.Features > 0 ? new NativeBuffer((long)Batch * options.Features * sizeof(float)) : null;
        _builder = new PlanBuilder(nodes, Parameters, Batch, _state);
        _builder.Build(
            graph.Inputs[0], options.InputGradient, (logits, gradient) => new LossKernel(logits.Resolve(), gradient.Resolve(), Buffers(), options));
        _arena = Place(_builder.Buffers);
        _images = _builder.Activation(graph.Inputs[0]).Resolve();
        _steps = [.. _builder.Steps.Select(step =>
        {
            var kernel = step.Create();
            pool.Reserve(kernel);
            return (kernel, step.Prepare, step.Name);
        })];
    }

    /// <summary>The graph whose constants are trained.</summary>
    public Graph Graph { get; }

    /// <summary>Samples a step.</summary>
    public int Batch { get; }

    /// <summary>Memory for activations and gradients.</summary>
    public long ArenaBytes => _arena.Length;

    /// <summary>Updates done; names the random numbers of the next step.</summary>
    public long Step
    {
        get => _state.Step;
        set => _state.Step = value;
    }

    /// <summary>The batch's images, <c>[Batch, H, W, C]</c>, to be filled before each <see cref="Run"/>.</summary>
    public Span<float> Images => new(_images.Floats, _images.Shape.ElementCount);

    /// <summary>The batch's labels, to be filled before each <see cref="Run"/>.</summary>
    public Span<int> Labels => new((int*)_labels.Address, Batch);

    /// <summary>The batch's targets, <c>[Batch, classes]</c> distributions to be filled before each <see cref="Run"/>; empty without soft targets.</summary>
    public Span<float> Targets => Scores(_targets);

    /// <summary>The teacher's scores of the batch before its softmax, <c>[Batch, classes]</c>, to be filled before each <see cref="Run"/>; empty without a teacher.</summary>
    public Span<float> TeacherScores => Scores(_teacher);

    /// <summary>The teachers' features of the batch, <c>[Batch, features]</c>, to be filled before each <see cref="Run"/>; empty without.</summary>
    internal Span<float> TeacherFeatures => _features is null ? [] : new(_features.Floats, (int)(_features.Length / sizeof(float)));

    /// <summary>Parameters and gradients.</summary>
    internal ParameterStore Parameters { get; }

    /// <summary>The threads the plan runs on.</summary>
    internal WorkerPool Pool => _pool;

    /// <summary>Compiles a graph. Its constants are copied; <see cref="StoreParameters"/> brings the trained values back.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">How it is compiled.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="owner">A plan whose weights, gradients and step this one works on, instead of its own; both graphs have the same constants.</param>
    /// <exception cref="GraphException">The graph has not one input and one output of class scores, or an operator has no gradient.</exception>
    public static TrainingPlan Compile(Graph graph, TrainingPlanOptions options, WorkerPool pool, TrainingPlan? owner = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(pool);
        return new TrainingPlan(graph, options, pool, owner);
    }

    /// <summary>Computes loss and gradients of the batch and moves the moving statistics on; weights stay as they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is not a class of the graph.</exception>
    public StepResult Run()
    {
        foreach (var label in Labels)
        {
            if ((uint)label >= (uint)_classes)
                throw new ArgumentOutOfRangeException(nameof(Labels), label, $"{Graph.Name} has classes 0 to {_classes - 1}");
        }

        _seen?.Show();
        foreach (var (kernel, prepare, _) in _steps)
        {
            if (prepare)
                kernel.Prepare();
            _pool.Run(kernel);
        }

        _seen?.Restore();
        double loss = 0;
        var correct = 0;
        for (var i = 0; i < Batch; i++)
        {
            loss += _losses.Floats[i];
            correct += ((int*)_correct.Address)[i];
        }

        return new StepResult((float)(loss / Batch), correct);
    }

    /// <summary>Moves the weights along the gradients of the last <see cref="Run"/>.</summary>
    public void Update(OptimizerState optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        _state.Step++;
        optimizer.Update(_state.Step);
    }

    /// <summary>Copies weights and statistics into the graph's constants.</summary>
    public void StoreParameters() => Parameters.Store();

    /// <summary>Takes weights and statistics from the graph's constants.</summary>
    public void LoadParameters() => Parameters.Load();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (kernel, _, _) in _steps)
            (kernel as IDisposable)?.Dispose();
        _seen?.Dispose();
        _arena.Dispose();
        _labels.Dispose();
        _losses.Dispose();
        _correct.Dispose();
        _targets?.Dispose();
        _teacher?.Dispose();
        _features?.Dispose();
        if (_owner is null)
            Parameters.Dispose();
    }

    /// <summary>Seconds each kernel call takes, preparation included, by a clock of seconds over some steps: what to make faster next.</summary>
    internal IReadOnlyList<(string Name, double Seconds)> Profile(int steps, Func<double> clock)
    {
        var seconds = new double[_steps.Length];
        for (var s = 0; s < steps; s++)
        {
            for (var i = 0; i < _steps.Length; i++)
            {
                var start = clock();
                if (_steps[i].Prepare)
                    _steps[i].Kernel.Prepare();
                _pool.Run(_steps[i].Kernel);
                seconds[i] += (clock() - start) / steps;
            }
        }

        return [.. _steps.Select((step, i) => (step.Name, seconds[i]))];
    }

    /// <summary>
    /// Seconds of a step on one thread, and those it would take on some threads that each have a core and memory of their own: every kernel's chunks
    /// measured by themselves and handed to whoever is free first, as the worker pool does.
    /// </summary>
    internal (double One, double Many) Schedule(int steps, int threads, Func<double> clock)
    {
        using var scratch = new NativeBuffer(_steps.Max(s => s.Kernel.ScratchBytes));
        var busy = new double[threads];
        double one = 0, many = 0;
        for (var s = 0; s < steps; s++)
        {
            foreach (var (kernel, prepare, _) in _steps)
            {
                var start = clock();
                if (prepare)
                    kernel.Prepare();
                var preparation = clock() - start;
                Array.Clear(busy);
                for (var chunk = 0; chunk < kernel.Chunks; chunk++)
                {
                    start = clock();
                    kernel.Run(chunk, scratch.Bytes);
                    busy[Array.IndexOf(busy, busy.Min())] += clock() - start;
                }

                one += preparation + busy.Sum();
                many += preparation + busy.Max();
            }
        }

        return (one / steps, many / steps);
    }

    /// <summary>The gradient at the graph's input, when compiled with <see cref="TrainingPlanOptions.InputGradient"/>.</summary>
    internal ReadOnlySpan<float> InputGradient
    {
        get
        {
            var view = _builder.Gradient(Graph.Inputs[0]).Resolve();
            return new ReadOnlySpan<float>(view.Floats, view.Shape.ElementCount);
        }
    }

    /// <summary>The gradient of a trained constant after <see cref="Run"/>.</summary>
    internal ReadOnlySpan<float> GradientOf(Value value) =>
        new(Parameters.Gradient(value)!.Value.Resolve().Floats, value.Shape.ElementCount);

    private Span<float> Scores(NativeBuffer? buffer) => buffer is null ? [] : new(buffer.Floats, Batch * _classes);

    private LossBuffers Buffers() => new()
    {
        Labels = (int*)_labels.Address,
        Targets = _targets is null ? null : _targets.Floats,
        Teacher = _teacher is null ? null : _teacher.Floats,
        Features = _features is null ? null : _features.Floats,
        Losses = _losses.Floats,
        Correct = (int*)_correct.Address,
    };

    private static NativeBuffer Place(IReadOnlyList<PlannedBuffer> all)
    {
        var buffers = all.Where(b => b.Last >= 0).ToList();
        var (offsets, bytes) = ArenaPlanner.Assign([.. buffers.Select(b => new BufferLifetime(b.Bytes, b.First, b.Last))], 64);
        var arena = new NativeBuffer(bytes);
        for (var i = 0; i < buffers.Count; i++)
            buffers[i].Address = arena.Address + (nint)offsets[i];
        return arena;
    }
}
