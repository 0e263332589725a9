using Kindling.Execution;

namespace Kindling.Training.Optimizers;

/// <summary>An optimizer at work on one plan's parameters, with the numbers it keeps for each of them.</summary>
public sealed unsafe class OptimizerState : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly NativeBuffer[] _slots;
    private readonly UpdateKernel _kernel;
    private readonly GradientClipper? _clipper;

    /// <summary>Starts with zeros in all slots.</summary>
    public OptimizerState(Optimizer optimizer, TrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(plan);
        Optimizer = optimizer;
        _plan = plan;
        _slots = [.. optimizer.Slots.Select(_ => new NativeBuffer((long)plan.Parameters.TrainedFloats * sizeof(float)))];
        _clipper = optimizer.Clips ? new GradientClipper(optimizer, plan.Parameters) : null;
        _kernel = new UpdateKernel(optimizer, plan.Parameters, Slot(0), Slot(1));
    }

    /// <summary>The rule and its hyperparameters.</summary>
    public Optimizer Optimizer { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Dispose();
    }

    /// <summary>The numbers of a slot, one tensor a parameter: name and floats, for checkpoints.</summary>
    internal IEnumerable<(string Slot, Planning.ParameterSegment Segment)> Entries() =>
        Optimizer.Slots.SelectMany(slot => _plan.Parameters.Segments.Select(segment => (slot, segment)));

    /// <summary>The floats of one entry.</summary>
    internal Span<float> Floats(string slot, Planning.ParameterSegment segment) =>
        new(_slots[Optimizer.Slots.ToList().IndexOf(slot)].Floats + segment.Offset, segment.Value.Shape.ElementCount);

    /// <summary>Updates all parameters.</summary>
    internal void Update(long step)
    {
        _clipper?.Clip(_plan.Pool);
        _kernel.Step = step;
        _plan.Pool.Run(_kernel);
    }

    private float* Slot(int index) => index < _slots.Length ? _slots[index].Floats : null;
}
