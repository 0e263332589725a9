using Kindling.Cli.Configuration;
using Kindling.Cli.Configuration.Schema;
using Kindling.Training;
using Kindling.Training.Callbacks;
using Kindling.Training.Optimizers;
using Kindling.Training.Schedules;

namespace Kindling.Cli.Pipeline;

/// <summary>Makes the training room's parts from the configuration's names and arguments.</summary>
internal static class TrainingFactory
{
    /// <summary>The optimizer.</summary>
    public static Optimizer Optimizer(NamedSettings settings)
    {
        var a = settings.Arguments;
        var (value, norm, global) = ((float?)a.Number("clipvalue"), (float?)a.Number("clipnorm"), (float?)a.Number("global_clipnorm"));
        Optimizer optimizer = settings.Name switch
        {
            "SGD" => new Sgd
            {
                Momentum = Number(a, "momentum"),
                Nesterov = a.Get<bool>("nesterov"),
                WeightDecay = Number(a, "weight_decay"),
                ClipValue = value,
                ClipNorm = norm,
                GlobalClipNorm = global,
            },
            "Adam" => new Adam
            {
                Beta1 = Number(a, "beta_1"),
                Beta2 = Number(a, "beta_2"),
                Epsilon = Number(a, "epsilon"),
                ClipValue = value,
                ClipNorm = norm,
                GlobalClipNorm = global,
            },
            "AdamW" => new AdamW
            {
                Beta1 = Number(a, "beta_1"),
                Beta2 = Number(a, "beta_2"),
                Epsilon = Number(a, "epsilon"),
                WeightDecay = Number(a, "weight_decay"),
                ClipValue = value,
                ClipNorm = norm,
                GlobalClipNorm = global,
            },
            "RMSprop" => new RmsProp
            {
                Rho = Number(a, "rho"),
                Momentum = Number(a, "momentum"),
                Epsilon = Number(a, "epsilon"),
                WeightDecay = Number(a, "weight_decay"),
                ClipValue = value,
                ClipNorm = norm,
                GlobalClipNorm = global,
            },
            _ => throw new ArgumentException($"the schema lists the optimizer {settings.Name}, but nothing makes it", nameof(settings)),
        };
        optimizer.LearningRate = Number(a, "learning_rate");
        return optimizer;
    }

    /// <summary>The learning-rate schedule; null when there is none.</summary>
    public static LearningRateSchedule? Schedule(TrainingConfig config)
    {
        if (config.Callbacks.FirstOrDefault(c => ScheduleSections.All.ContainsKey(c.Name)) is not { } settings)
            return null;
        var a = settings.Arguments;
        var initial = Number(a, "initial_lr");
        var hold = a.Get<int>("hold_steps");
        return settings.Name switch
        {
            "LRLinearDecay" => new LRLinearDecay(initial, hold, Decay(hold), Number(a, "end_lr")),
            "LRExponentialDecay" => new LRExponentialDecay(initial, hold, Number(a, "decay_rate"), Number(a, "min_lr")),
            "LRStepDecay" => new LRStepDecay(initial, a.Get<int>("step_size"), Number(a, "decay_rate"), Number(a, "min_lr")),
            "LRCosineDecay" => new LRCosineDecay(initial, hold, Decay(hold), Number(a, "end_lr")),
            "LRWarmupCosineDecay" => new LRWarmupCosineDecay(
                initial, a.Get<int>("warmup_steps"), Number(a, "max_lr"), hold, Decay(hold + a.Get<int>("warmup_steps")), Number(a, "end_lr")),
            "LRCosineDecayRestarts" => new LRCosineDecayRestarts(initial, a.Get<int>("first_decay_steps"), Number(a, "end_lr"), Number(a, "t_mul"), Number(a, "m_mul")),
            "LRPolynomialDecay" => new LRPolynomialDecay(initial, hold, Decay(hold), Number(a, "end_lr"), Number(a, "power")),
            "LRPolynomialDecayRestarts" => new LRPolynomialDecayRestarts(initial, hold, Decay(hold), Number(a, "end_lr"), Number(a, "power")),
            "LRPiecewiseConstantDecay" => new LRPiecewiseConstantDecay(
                [.. Numbers(a, "boundaries").Select(b => (int)b)], [.. Numbers(a, "values").Select(v => (float)v)]),
            _ => throw new ArgumentException($"the schema lists the schedule {settings.Name}, but nothing makes it", nameof(config)),
        };

        int Decay(int before) => a["decay_steps"] is int steps ? steps : Math.Max(1, config.Epochs - before);
    }

    /// <summary>The other callbacks, in their order.</summary>
    public static IReadOnlyList<TrainingCallback> Callbacks(TrainingConfig config) =>
        [.. config.Callbacks.Where(c => !ScheduleSections.All.ContainsKey(c.Name)).Select(Callback)];

    private static TrainingCallback Callback(NamedSettings settings)
    {
        var a = settings.Arguments;
        var monitor = Metrics.Parse(a.Get<string>("monitor") ?? "val_accuracy");
        return settings.Name switch
        {
            "EarlyStopping" => new EarlyStopping(monitor, a.Get<int>("patience"), a.Number("min_delta") ?? 0),
            "ReduceLROnPlateau" => new ReduceLROnPlateau(
                monitor, Number(a, "factor"), a.Get<int>("patience"), a.Number("min_delta") ?? 0, a.Get<int>("cooldown"), Number(a, "min_lr")),
            _ => throw new ArgumentException($"the schema lists the callback {settings.Name}, but nothing makes it", nameof(settings)),
        };
    }

    private static float Number(Settings arguments, string key) => (float)(arguments.Number(key) ?? 0);

    private static IReadOnlyList<double> Numbers(Settings arguments, string key) => arguments.Get<IReadOnlyList<double>>(key) ?? [];
}
