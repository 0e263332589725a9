namespace Kindling.Training.Callbacks;

/// <summary>Something that watches the epochs and may change the learning rate or stop.</summary>
public abstract class TrainingCallback
{
    /// <summary>Names the callback's state in checkpoints.</summary>
    public abstract string Name { get; }

    /// <summary>Called after each epoch and its validation.</summary>
    public abstract void OnEpochEnd(EpochResult result, TrainingControl control);

    /// <summary>What must survive a restart.</summary>
    public abstract IReadOnlyDictionary<string, double> State { get; }

    /// <summary>Takes up the state of a checkpoint.</summary>
    public abstract void Restore(IReadOnlyDictionary<string, double> state);
}
