using Kindling.Training.Optimizers;

namespace Kindling.Training.Callbacks;

/// <summary>What a callback may do to a training.</summary>
public sealed class TrainingControl
{
    private readonly Optimizer _optimizer;

    internal TrainingControl(Optimizer optimizer) => _optimizer = optimizer;

    /// <summary>The learning rate of the next epoch.</summary>
    public float LearningRate
    {
        get => _optimizer.LearningRate;
        set => _optimizer.LearningRate = value;
    }

    /// <summary>Why training is to stop; null to go on.</summary>
    public string? StopReason { get; private set; }

    /// <summary>Ends the training after this epoch.</summary>
    public void Stop(string reason) => StopReason = reason;
}
