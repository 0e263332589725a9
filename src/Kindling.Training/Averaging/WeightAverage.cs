using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training.Planning;

namespace Kindling.Training.Averaging;

/// <summary>
/// An exponential moving average of all constants, statistics included: <c>average += (1 - d) (w - average)</c> after each update, where d rises as
/// (1 + step) / (10 + step) until it reaches the decay, so that the random first weights are soon forgotten.
/// </summary>
internal sealed unsafe class WeightAverage : Kernel, IDisposable
{
    private const int MostFloats = 1 << 14;
    private readonly TrainingPlan _plan;
    private readonly NativeBuffer _average;
    private readonly float _decay;
    private float _rate;

    public WeightAverage(TrainingPlan plan, float decay)
    {
        if (decay is not (> 0 and < 1))
            throw new KindlingException($"the decay {decay} of the average of weights is not between 0 and 1");
        _plan = plan;
        _decay = decay;
        _average = new NativeBuffer((long)Store.AllFloats * sizeof(float));
        Restart();
    }

    /// <inheritdoc/>
    public override int Chunks => (Store.AllFloats + MostFloats - 1) / MostFloats;

    private ParameterStore Store => _plan.Parameters;

    /// <summary>Takes the current weights as the average.</summary>
    public void Restart() => new ReadOnlySpan<float>(Store.Values, Store.AllFloats).CopyTo(new Span<float>(_average.Floats, Store.AllFloats));

    /// <summary>Follows the weights after update <paramref name="step"/>, counted from 1.</summary>
    public void Update(long step)
    {
        _rate = 1 - Math.Min(_decay, (1f + step) / (10f + step));
        _plan.Pool.Run(this);
    }

    /// <summary>Copies the average into the graph's constants.</summary>
    public void StoreIntoGraph() => Store.Store(_average.Floats);

    /// <summary>The constants averaged.</summary>
    public IEnumerable<Value> Constants => Store.Constants;

    /// <summary>The average of a constant.</summary>
    public Span<float> Of(Value value) => Store.Part(_average.Floats, value);

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var first = chunk * MostFloats;
        var last = Math.Min(Store.AllFloats, first + MostFloats);
        var rate = Vector512.Create(_rate);
        for (var i = first; i < last; i += Vector512<float>.Count)
        {
            var average = Vector512.Load(_average.Floats + i);
            Vector512.FusedMultiplyAdd(rate, Vector512.Load(Store.Values + i) - average, average).Store(_average.Floats + i);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _average.Dispose();
}
