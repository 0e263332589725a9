using Kindling.Graphs;

namespace Kindling.Training.Distillation;

/// <summary>
/// Trained networks whose answers are learnt beside the labels (knowledge distillation, Hinton and others 2015). Each sees the same augmented batch, brought
/// to its own input by its own preprocessing; of several, the mean of their probabilities at the temperature is learnt.
/// </summary>
public sealed record TeacherOptions
{
    /// <summary>The teachers, one at least: float networks that tell the same classes apart.</summary>
    public required IReadOnlyList<Graph> Graphs { get; init; }

    /// <summary>What the scores of both are divided by before they are compared: the larger, the more the teacher's doubts count.</summary>
    public float Temperature { get; init; } = 4;

    /// <summary>Share of the loss that follows the teacher, above 0 to 1; the labels have the rest.</summary>
    public float Weight { get; init; } = 0.7f;

    /// <summary>
    /// What is added to the loss of an image when nothing of the teachers' features is foretold from the network's: the squared error, relative to the
    /// features' own square, has this factor. 0 learns the scores only.
    /// </summary>
    public float FeatureWeight { get; init; }
}
