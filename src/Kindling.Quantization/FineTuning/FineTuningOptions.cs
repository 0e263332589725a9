using Kindling.Training;

namespace Kindling.Quantization.FineTuning;

/// <summary>How a network is fine-tuned to its 8-bit form.</summary>
public sealed record FineTuningOptions
{
    /// <summary>Epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Adam's learning rate at the start; it falls to zero along half a cosine. Folded weights are small: larger rates walk away from the float network.</summary>
    public float LearningRate { get; init; } = 1e-5f;

    /// <summary>
    /// Share of the loss that follows the float network's answers; the labels have the rest. At 1 the int8 network learns to be the float
    /// network, and labels, augmentation and length of the float training do not matter.
    /// </summary>
    public float TeacherWeight { get; init; } = 1;

    /// <summary>What the scores of both networks are divided by before they are compared: photos that both are sure of teach little at 1.</summary>
    public float Temperature { get; init; } = 4;

    /// <summary>Seed of dropout.</summary>
    public long Seed { get; init; }

    /// <summary>Told about each step and epoch.</summary>
    public ITrainingProgress? Progress { get; init; }
}
