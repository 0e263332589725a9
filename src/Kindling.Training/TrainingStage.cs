using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training.Distillation;
using Kindling.Training.Mixing;

namespace Kindling.Training;

/// <summary>What a step runs on at one size of image: the compiled network, what mixes its batch, and the teachers that see it.</summary>
internal sealed class TrainingStage : IDisposable
{
    private readonly BatchMixer? _mixer;
    private readonly TeacherEnsemble? _teachers;

    /// <summary>Compiles a network and its teachers.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="batch">Samples a step.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="pool">The threads.</param>
    /// <param name="hint">The layer that foretells the teachers' features; null for none.</param>
    /// <param name="owner">The plan whose weights are trained; null for the stage's own.</param>
    public TrainingStage(Graph graph, int batch, TrainerOptions options, WorkerPool pool, FeatureHint? hint = null, TrainingPlan? owner = null)
    {
        Plan = TrainingPlan.Compile(
            hint?.Extend(graph) ?? graph,
            new TrainingPlanOptions
            {
                Batch = batch,
                LabelSmoothing = options.LabelSmoothing,
                HasSoftTargets = options.Mixup is not null || options.CutMix is not null,
                ClassWeights = options.ClassWeights,
                TeacherWeight = options.Teacher?.Weight ?? 0,
                TeacherTemperature = options.Teacher?.Temperature ?? 1,
                Seed = options.Seed,
                Features = hint?.Features ?? 0,
                FeatureWeight = options.Teacher?.FeatureWeight ?? 0,
                IsTrainable = options.IsTrainable is { } isTrainable && hint is not null ? v => hint.Owns(v) || isTrainable(v) : options.IsTrainable,
                SeenWeights = options.SeenWeights,
            },
            pool, owner);
        _mixer = options.Mixup is null && options.CutMix is null ? null : new BatchMixer(Plan, options.Mixup, options.CutMix, options.Seed);
        _teachers = options.Teacher is { } teacher ? new TeacherEnsemble(teacher, graph, batch, pool) : null;
    }

    /// <summary>The compiled network.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>Mixes the batch in the plan, asks the teachers and computes the gradients.</summary>
    public StepResult Run(int epoch, int step)
    {
        _mixer?.Mix(epoch, step);
        _teachers?.Answer(Plan.Images, Plan.TeacherScores);
        if (Plan.TeacherFeatures.Length > 0)
            _teachers?.CopyFeatures(Plan.TeacherFeatures);
        return Plan.Run();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _teachers?.Dispose();
        Plan.Dispose();
    }
}
