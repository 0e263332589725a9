using Kindling.Graphs;
using Kindling.Training.QuantizationAware;

namespace Kindling.Training;

/// <summary>How a graph is compiled for training.</summary>
public sealed record TrainingPlanOptions
{
    /// <summary>Samples a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Share of the target that is spread evenly over all classes, 0 to below 1 (Szegedy and others 2016).</summary>
    public float LabelSmoothing { get; init; }

    /// <summary>True learns <see cref="TrainingPlan.Targets"/> instead of the labels.</summary>
    public bool HasSoftTargets { get; init; }

    /// <summary>Factor of the loss of each class' samples; null weighs all alike.</summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>Share of the loss that follows <see cref="TrainingPlan.TeacherScores"/>, 0 to 1; 0 without a teacher.</summary>
    public float TeacherWeight { get; init; }

    /// <summary>What the scores of student and teacher are divided by before they are compared, above 0.</summary>
    public float TeacherTemperature { get; init; } = 1;

    /// <summary>How many of the graph's last outputs are no scores but features to be held against <see cref="TrainingPlan.TeacherFeatures"/>.</summary>
    internal int Features { get; init; }

    /// <summary>Factor of the features' relative squared error in the loss.</summary>
    internal float FeatureWeight { get; init; }

    /// <summary>Seed of dropout.</summary>
    public long Seed { get; init; }

    /// <summary>Says which constants are trained; null trains all weights, biases and normalization parameters.</summary>
    public Func<Value, bool>? IsTrainable { get; init; }

    /// <summary>What forward and backward pass see in place of the trained constants; null shows them as they are.</summary>
    public SeenWeights? SeenWeights { get; init; }

    /// <summary>True computes the gradient at the graph's input as well.</summary>
    internal bool InputGradient { get; init; }

    /// <summary>Throws when a number is out of range.</summary>
    internal void Check(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Batch, 1);
        if (LabelSmoothing is not (>= 0 and < 1))
            throw new KindlingException($"label smoothing {LabelSmoothing} is not in 0 to 1");
        if (TeacherWeight is not (>= 0 and <= 1))
            throw new KindlingException($"the teacher's weight {TeacherWeight} is not in 0 to 1");
        if (!(TeacherTemperature > 0 && float.IsFinite(TeacherTemperature)))
            throw new KindlingException($"the temperature {TeacherTemperature} is not above 0");
        if (!(FeatureWeight >= 0 && float.IsFinite(FeatureWeight)))
            throw new KindlingException($"the weight {FeatureWeight} of the features is not a number from 0 up");
        if (ClassWeights is null)
            return;
        if (ClassWeights.Count != classes)
            throw new KindlingException($"{ClassWeights.Count} class weights for {classes} classes");
        if (ClassWeights.Any(w => !(w >= 0 && float.IsFinite(w))))
            throw new KindlingException($"class weights {string.Join(", ", ClassWeights)}: each must be a number from 0 up");
    }
}
