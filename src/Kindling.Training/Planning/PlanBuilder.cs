using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels;
using Kindling.Kernels.Float.Convolution;
using Kindling.Tensors;
using Kindling.Training.Gradients;
using Kindling.Training.Kernels;

namespace Kindling.Training.Planning;

/// <summary>
/// Lays a training step out: which kernels run in which order on which memory. The gradient rules speak to it; a buffer lives from the first
/// step that touches it to the last.
/// </summary>
internal sealed class PlanBuilder
{
    private readonly List<PlanStep> _steps = [];
    private readonly List<PlannedBuffer> _buffers = [];
    private readonly Dictionary<Value, PlannedView> _activations = [];
    private readonly Dictionary<Value, PlannedView> _gradients = [];
    private readonly HashSet<Value> _slices = [];
    private readonly HashSet<Value> _contributed = [];
    private readonly Dictionary<Value, int> _contributions = [];
    private readonly HashSet<Value> _masked = [];
    private readonly HashSet<Value> _needsGradient = [];
    private readonly Dictionary<Node, PlannedView> _saved = [];
    private readonly Dictionary<Node, PlannedNormalization> _normalizations = [];
    private readonly Dictionary<Value, PlannedView> _moments = [];
    private readonly Dictionary<Node, PlannedView> _gradientSums = [];
    private readonly TrainingNodes _nodes;
    private readonly ParameterStore _parameters;

    public PlanBuilder(TrainingNodes nodes, ParameterStore parameters, int batch, StepState state)
    {
        _nodes = nodes;
        _parameters = parameters;
        Batch = batch;
        State = state;
    }

    /// <summary>Samples a step.</summary>
    public int Batch { get; }

    /// <summary>Seed and step number, for kernels that draw at random.</summary>
    public StepState State { get; }

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<PlanStep> Steps => _steps;

    /// <summary>The buffers so far.</summary>
    public IReadOnlyList<PlannedBuffer> Buffers => _buffers;

    /// <summary>Plans forward pass, loss and backward pass.</summary>
    public void Build(Value input, bool inputGradient, Func<PlannedView, PlannedView, Kernel> loss)
    {
        _activations[input] = Allocate(input.Name, Batched(input.Shape));
        if (inputGradient)
            _needsGradient.Add(input);
        foreach (var node in _nodes.Nodes)
        {
            if (node.Inputs.Any(i => _needsGradient.Contains(i) || _parameters.IsTrainable(i)))
                _needsGradient.Add(node.Output);
        }

        foreach (var node in _nodes.Nodes)
        {
            if (node.Operator is Concat concat)
                ShareConcat(node, concat);
        }

        foreach (var node in _nodes.Nodes)
            GradientRules.For(node).Forward(node, this);

        var logits = Activation(_nodes.Logits);
        var gradient = Gradient(_nodes.Logits);
        Add("loss", () => loss(logits, gradient), false, logits, gradient);
        _contributed.Add(_nodes.Logits);
        foreach (var node in _nodes.Nodes.Reverse())
        {
            if (_contributed.Contains(node.Output) && _needsGradient.Contains(node.Output))
                GradientRules.For(node).Backward(node, this);
        }

        _activations[input].Buffer.Touch(0);
        if (inputGradient)
            Gradient(input).Buffer.Touch(_steps.Count - 1);
    }

    /// <summary>Adds a kernel call.</summary>
    public void Add(string name, Func<Kernel> create, bool prepare, params ReadOnlySpan<PlannedView> touched)
    {
        foreach (var view in touched)
            view.Buffer.Touch(_steps.Count);
        _steps.Add(new PlanStep(name, create, prepare));
    }

    /// <summary>Adds the operator's own forward kernel.</summary>
    public void AddForward(Node node)
    {
        PlannedView[] inputs = [.. node.Inputs.Select(Read)];
        var output = Output(node);
        Add(
            node.Name,
            () => KernelRegistry.Create(new KernelContext(node, [.. inputs.Select(i => i.Resolve())], output.Resolve())),
            node.Inputs.Any(i => i.IsConstant),
            [.. inputs, output]);
    }

    /// <summary>The memory of an activation.</summary>
    public PlannedView Activation(Value value) => _activations[value];

    /// <summary>The memory of an activation or a parameter.</summary>
    public PlannedView Read(Value value) => value.IsConstant ? _parameters.View(value) : _activations[value];

    /// <summary>The memory of a node's output, given to it on first call: its slice of a concatenation, its input's, or its own.</summary>
    public PlannedView Output(Node node)
    {
        if (_activations.TryGetValue(node.Output, out var known))
            return known;
        var shape = Batched(node.Output.Shape);
        return _activations[node.Output] = CanOverwriteInput(node)
            ? _activations[node.Inputs[0]].As(shape)
            : Allocate(node.Output.Name, shape);
    }

    /// <summary>Gives an output the memory of the node's first input, whatever else happens to it.</summary>
    public void AliasOutput(Node node) => _activations[node.Output] = _activations[node.Inputs[0]].As(Batched(node.Output.Shape));

    /// <summary>True when the node's inputs already write into its output.</summary>
    public bool IsJoinedInPlace(Node node) => node.Inputs.All(_slices.Contains);

    /// <summary>True when somebody upstream of a value, or the value itself, is trained.</summary>
    public bool NeedsGradient(Value value) => _needsGradient.Contains(value);

    /// <summary>The gradient that has arrived at a node's output. It is the node's to overwrite.</summary>
    public PlannedView OutputGradient(Node node) => Gradient(node.Output);

    /// <summary>Where the gradient of a parameter goes; null when it is frozen.</summary>
    public PlannedView? ParameterGradient(Value value) => _parameters.Gradient(value);

    /// <summary>The current floats of a parameter, for kernels that lay weights out anew each step.</summary>
    public FloatSource Source(Value value) => _parameters.Source(value);

    /// <summary>A buffer that lives as long as steps touch it.</summary>
    public PlannedView Allocate(string name, Shape shape)
    {
        var buffer = new PlannedBuffer(name, (long)shape.ElementCount * sizeof(float));
        _buffers.Add(buffer);
        return new PlannedView(buffer, 0, shape, shape.Channels);
    }

    /// <summary>Keeps a batch normalization for its neighbours.</summary>
    public void Save(PlannedNormalization normalization) => _normalizations[normalization.Node] = normalization;

    /// <summary>What <see cref="Save(PlannedNormalization)"/> kept.</summary>
    public PlannedNormalization Planned(Node norm) => _normalizations[norm];

    /// <summary>True when a batch normalization's parameters are not trained.</summary>
    public bool IsFrozen(Node norm) => !_parameters.IsTrainable(norm.Inputs[1]) && !_parameters.IsTrainable(norm.Inputs[2]);

    /// <summary>True for a normalized value that is not stored: only convolutions read it, and they compute it from the normalization's input.</summary>
    public bool IsVirtual(Value value) =>
        _nodes.Producer(value) is { Operator: TrainingBatchNorm } && !ReferenceEquals(value, _nodes.Logits)
        && _nodes.Nodes.All(n => !n.Inputs.Contains(value) || (n.Operator is Conv2D or DepthwiseConv2D && ReferenceEquals(n.Inputs[0], value)));

    /// <summary>The normalization a reader of a value has to compute itself; null when the value is stored.</summary>
    public PlannedNormalization? Normalized(Value value) => IsVirtual(value) ? Planned(_nodes.Producer(value)!) : null;

    /// <summary>The batch normalization that alone reads what a convolution without activation computes; null when there is none.</summary>
    public Node? NormalizationBehind(Node convolution)
    {
        var hasActivation = convolution.Operator is Conv2D { Activation: not Graphs.Operators.Activation.None }
            or DepthwiseConv2D { Activation: not Graphs.Operators.Activation.None };
        return hasActivation || _nodes.Uses(convolution.Output) != 1
            ? null
            : _nodes.Nodes.FirstOrDefault(n => n.Operator is TrainingBatchNorm && ReferenceEquals(n.Inputs[0], convolution.Output));
    }

    /// <summary>True when the convolution before a batch normalization turns the gradient back itself.</summary>
    public bool HandsGradientOver(Node norm) =>
        _nodes.Producer(norm.Inputs[0]) is { Operator: Conv2D or DepthwiseConv2D } convolution && ReferenceEquals(NormalizationBehind(convolution), norm)
        && _contributed.Add(norm.Inputs[0]);

    /// <summary>Keeps the moments a convolution took of its output, <c>[parts, 2, C]</c> with the same number of pixels each.</summary>
    public void SaveMoments(Value value, PlannedView moments) => _moments[value] = moments;

    /// <summary>What <see cref="SaveMoments"/> kept, if anything.</summary>
    public PlannedView? Moments(Value value) => _moments.TryGetValue(value, out var view) ? view : null;

    /// <summary>Keeps the sums of the gradient at a normalization's output, <c>[parts, 2, C]</c>.</summary>
    public void SaveGradientSums(Node norm, PlannedView sums) => _gradientSums[norm] = sums;

    /// <summary>What <see cref="SaveGradientSums"/> kept, if anything.</summary>
    public PlannedView? GradientSums(Node norm) => _gradientSums.TryGetValue(norm, out var view) ? view : null;

    /// <summary>Keeps something a node's forward pass computed for its backward pass.</summary>
    public void Save(Node node, PlannedView view) => _saved[node] = view;

    /// <summary>What <see cref="Save(Node, PlannedView)"/> kept.</summary>
    public PlannedView Saved(Node node) => _saved[node];

    /// <summary>
    /// The convolution in front of a max pool whose output only the pool reads and whose input needs no gradient: the pool computes it. Null when there
    /// is none.
    /// </summary>
    public Node? PooledConvolution(Node pool) =>
        pool.Operator is MaxPool2D { Activation: Graphs.Operators.Activation.None } && _nodes.Producer(pool.Inputs[0]) is { Operator: Conv2D } convolution
        && _nodes.Uses(convolution.Output) == 1 && !NeedsGradient(convolution.Inputs[0]) && Normalized(convolution.Inputs[0]) is null
            ? convolution
            : null;

    /// <summary>True when the only reader of a convolution is the max pool that computes it.</summary>
    public bool IsPooled(Node convolution) => _nodes.Nodes.Any(n => n.Operator is MaxPool2D && ReferenceEquals(PooledConvolution(n), convolution));

    /// <summary>True when nobody has added to the gradient of a value yet.</summary>
    public bool IsFirstContribution(Value value) => !_contributed.Contains(value);

    /// <summary>How often a value is read.</summary>
    public int Uses(Value value) => _nodes.Uses(value);

    /// <summary>Lets a node add its share to the gradient of an input; a second share is computed apart and added.</summary>
    public void Contribute(Node node, Value input, Action<PlannedView> emit)
    {
        if (!_needsGradient.Contains(input))
            return;
        var gradient = Gradient(input);
        Count(input);
        if (_contributed.Add(input))
        {
            emit(gradient);
            return;
        }

        var share = Allocate($"{node.Name} share", gradient.Shape);
        emit(share);
        Add($"{node.Name} add", () => new AddIntoKernel(share.Resolve(), gradient.Resolve()), false, share, gradient);
    }

    /// <summary>As <see cref="Contribute"/>, for kernels that can add to what is there: the action is told whether to.</summary>
    public void ContributeAdding(Value input, Action<PlannedView, bool> emit)
    {
        if (!_needsGradient.Contains(input))
            return;
        Count(input);
        emit(Gradient(input), !_contributed.Add(input));
    }

    /// <summary>Gives the gradient of a node's input the memory of its output's, when nobody else contributes to it. False when not possible.</summary>
    public bool TryAliasGradient(Node node, Value input)
    {
        var isAlone = _nodes.Uses(input) == 1 && !_slices.Contains(input) && !_gradients.ContainsKey(input) && _needsGradient.Contains(input);
        var output = Gradient(node.Output);
        if (!isAlone || output.PixelStride != output.Shape.Channels)
            return false;
        _gradients[input] = output.As(Batched(input.Shape));
        _contributed.Add(input);
        return true;
    }

    /// <summary>The clipping the convolutions behind a value apply to it, when its gradient is complete with the next contribution; else null.</summary>
    public (float Min, float Max)? ClippingBeforeLastReader(Value value)
    {
        if (_contributions.GetValueOrDefault(value) + 1 != _nodes.Uses(value) || _nodes.Producer(value) is not { } producer)
            return null;
        Value[] parts = producer.Operator is Concat && IsJoinedInPlace(producer) ? [.. producer.Inputs] : [value];
        var activations = parts.Select(p => _nodes.Producer(p)?.Operator is Conv2D conv ? conv.Activation : Graphs.Operators.Activation.None).Distinct().ToList();
        return activations is [not Graphs.Operators.Activation.None] ? activations[0].Range() : null;
    }

    /// <summary>Says that the gradient of a value has already been cut to where its producer's activation lets it through.</summary>
    public void MarkMasked(Value value)
    {
        _masked.Add(value);
        if (_nodes.Producer(value) is { Operator: Concat } concat && IsJoinedInPlace(concat))
            _masked.UnionWith(concat.Inputs);
    }

    /// <summary>Cuts the gradient at a node's output to where its activation lets it through.</summary>
    public void MaskOutputGradient(Node node, Activation activation)
    {
        if (activation == Graphs.Operators.Activation.None || _masked.Contains(node.Output))
            return;
        var y = Activation(node.Output);
        var dy = OutputGradient(node);
        var (min, max) = activation.Range();
        Add($"{node.Name} activation gradient", () => new ActivationGradientKernel(y.Resolve(), dy.Resolve(), min, max), false, y, dy);
    }

    /// <summary>A shape for batch 1 with this plan's batch.</summary>
    public Shape Batched(Shape shape) => shape.WithBatch(shape.Batch * Batch);

    /// <summary>The memory of a value's gradient.</summary>
    public PlannedView Gradient(Value value)
    {
        if (!_gradients.TryGetValue(value, out var view))
            _gradients[value] = view = Allocate($"{value.Name} gradient", Batched(value.Shape));
        return view;
    }

    /// <summary>The gradients of the inputs of a concatenation are slices of its own.</summary>
    public void AliasSliceGradients(Node concat)
    {
        var whole = Gradient(concat.Output);
        var channel = 0;
        foreach (var input in concat.Inputs)
        {
            _gradients[input] = whole.Slice(channel, Batched(input.Shape));
            _contributed.Add(input);
            channel += input.Shape.Channels;
        }
    }

    private void Count(Value input) => _contributions[input] = _contributions.GetValueOrDefault(input) + 1;

    private bool CanOverwriteInput(Node node)
    {
        var input = node.Inputs[0];
        return node.Operator.CanRunInPlace && node.Operator is not TrainingBatchNorm
            && _nodes.Producer(input) is not null && !_slices.Contains(input)
            && input.Shape.Equals(node.Output.Shape)
            && !GradientRules.For(node).ReadsInput(node, 0)
            && _activations.Where(a => a.Value.Buffer == _activations[input].Buffer).All(a => IsReadOnce(a.Key));

        // The memory may also hold what a concatenation joined or what goes by another shape: their backward passes read it too.
        bool IsReadOnce(Value value) =>
            _nodes.Uses(value) == 1 && _nodes.Producer(value) is { } producer && !GradientRules.For(producer).ReadsOutput(producer);
    }

    private void ShareConcat(Node node, Concat concat)
    {
        var isAlongChannels = concat.Axis == node.Output.Shape.Rank - 1 && concat.Activation == Graphs.Operators.Activation.None;
        if (!isAlongChannels || _slices.Contains(node.Output) || node.Inputs.Distinct().Count() != node.Inputs.Count || !node.Inputs.All(CanBeSlice))
            return;
        var whole = _activations[node.Output] = Allocate(node.Output.Name, Batched(node.Output.Shape));
        var channel = 0;
        foreach (var input in node.Inputs)
        {
            _activations[input] = whole.Slice(channel, Batched(input.Shape));
            _slices.Add(input);
            channel += input.Shape.Channels;
        }

        bool CanBeSlice(Value input) =>
            _nodes.Uses(input) == 1 && _nodes.Producer(input) is { Operator: Conv2D };
    }
}
