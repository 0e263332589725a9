using Kindling.Graphs;

namespace Kindling.Training;

/// <summary>How a graph is compiled for training.</summary>
public sealed record TrainingPlanOptions
{
    /// <summary>Samples a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Share of the target that is spread evenly over all classes, 0 to below 1 (Szegedy and others 2016).</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>Seed of dropout.</summary>
    public long Seed { get; init; }

    /// <summary>Says which constants are trained; null trains all weights, biases and normalization parameters.</summary>
    public Func<Value, bool>? IsTrainable { get; init; }

    /// <summary>True computes the gradient at the graph's input as well.</summary>
    internal bool InputGradient { get; init; }
}
