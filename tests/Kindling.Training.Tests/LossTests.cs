using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Training.Tests;

/// <summary>The loss equals its formula written out in double precision, and its gradient the formula's differences.</summary>
public sealed class LossTests
{
    private const int Batch = 7;
    private const int Classes = 4;

    public static TheoryData<bool, float, bool, float> Cases { get; } = new()
    {
        { false, 0, false, 0 },
        { false, 0.1f, true, 0 },
        { true, 0, false, 0 },
        { true, 0.2f, true, 0 },
        { false, 0, false, 0.6f },
        { true, 0.1f, true, 0.9f },
        { false, 0.1f, false, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_with_soft_targets_smoothing_class_weights_and_a_teacher_follows_its_formula(bool isSoft, float smoothing, bool isWeighted, float teacherWeight)
    {
        var b = new GraphBuilder("linear", 2);
        var graph = b.Build(null, b.Softmax(b.Dense(b.Input("x", 1, 5), Classes)));
        var options = new TrainingPlanOptions
        {
            Batch = Batch,
            LabelSmoothing = smoothing,
            HasSoftTargets = isSoft,
            ClassWeights = isWeighted ? [0.5f, 1, 2, 0.25f] : null,
            TeacherWeight = teacherWeight,
            TeacherTemperature = 3,
        };
        using var pool = new WorkerPool(2);
        using var plan = TrainingPlan.Compile(graph, options, pool);
        var random = new RandomStream(8);
        Fill(plan.Images, ref random);
        Fill(plan.TeacherScores, ref random);
        for (var n = 0; n < Batch; n++)
            plan.Labels[n] = random.NextInt32(Classes);
        var targets = Targets(isSoft, plan.Labels, ref random);
        if (isSoft)
            targets.Select(t => (float)t).ToArray().CopyTo(plan.Targets);

        var result = plan.Run();

        var bias = graph.Constants.Single(c => c.Name.EndsWith("bias", StringComparison.Ordinal));
        var (images, teacher) = (plan.Images.ToArray(), plan.TeacherScores.ToArray());
        Assert.Equal(Loss(0, 0), result.Loss, 1e-5);
        var gradient = plan.GradientOf(bias);
        for (var c = 0; c < Classes; c++)
            Assert.Equal((Loss(c, 1e-5) - Loss(c, -1e-5)) / 2e-5, gradient[c], 1e-5);

        double Loss(int moved, double by)
        {
            var weights = graph.Constants.Single(v => v.Shape.Rank == 2).Constant!.AsSpan<float>();
            double sum = 0;
            for (var n = 0; n < Batch; n++)
            {
                var logits = new double[Classes];
                for (var c = 0; c < Classes; c++)
                {
                    logits[c] = c == moved ? by : 0;
                    for (var i = 0; i < 5; i++)
                        logits[c] += weights[(c * 5) + i] * (double)images[(n * 5) + i];
                }

                var own = LogSoftmax(logits, 1);
                var target = targets.AsSpan(n * Classes, Classes);
                double entropy = 0, weight = options.ClassWeights is null ? 1 : 0;
                for (var c = 0; c < Classes; c++)
                {
                    entropy -= (((1 - smoothing) * target[c]) + (smoothing / Classes)) * own[c];
                    weight += options.ClassWeights is null ? 0 : target[c] * options.ClassWeights[c];
                }

                sum += (1 - teacherWeight) * weight * entropy;
                if (teacherWeight == 0)
                    continue;
                var (p, q) = (LogSoftmax(logits, 3), LogSoftmax([.. teacher.Skip(n * Classes).Take(Classes).Select(t => (double)t)], 3));
                sum += teacherWeight * 9 * q.Zip(p, (x, y) => Math.Exp(x) * (x - y)).Sum();
            }

            return sum / Batch;
        }
    }

    [Fact]
    public void Outputs_held_against_features_add_their_relative_squared_error_and_leave_the_scores_loss_alone()
    {
        const int Features = 3;
        var b = new GraphBuilder("linear", 2);
        var graph = b.Build(null, b.Dense(b.Input("x", 1, 5), Classes + Features));
        var options = new TrainingPlanOptions { Batch = Batch, Features = Features, FeatureWeight = 0.7f };
        using var pool = new WorkerPool(2);
        using var plan = TrainingPlan.Compile(graph, options, pool);
        var random = new RandomStream(9);
        Fill(plan.Images, ref random);
        Fill(plan.TeacherFeatures, ref random);
        // Nothing seen by the teacher in one image: no scale, no loss.
        plan.TeacherFeatures[..Features].Clear();
        for (var n = 0; n < Batch; n++)
            plan.Labels[n] = random.NextInt32(Classes);
        var (images, labels, features) = (plan.Images.ToArray(), plan.Labels.ToArray(), plan.TeacherFeatures.ToArray());
        var weights = graph.Constants.Single(v => v.Shape.Rank == 2).Constant!.AsSpan<float>().ToArray();

        var result = plan.Run();

        Assert.Equal(Loss(0, 0), result.Loss, 1e-5);
        var gradient = plan.GradientOf(graph.Constants.Single(c => c.Name.EndsWith("bias", StringComparison.Ordinal)));
        for (var c = 0; c < Classes + Features; c++)
            Assert.Equal((Loss(c, 1e-5) - Loss(c, -1e-5)) / 2e-5, gradient[c], 1e-5);

        double Loss(int moved, double by)
        {
            double sum = 0;
            for (var n = 0; n < Batch; n++)
            {
                double[] y = [.. Enumerable.Range(0, Classes + Features).Select(
                    c => (c == moved ? by : 0) + Enumerable.Range(0, 5).Sum(i => weights[(c * 5) + i] * (double)images[(n * 5) + i]))];
                sum -= LogSoftmax(y[..Classes], 1)[labels[n]];
                double[] f = [.. features.Skip(n * Features).Take(Features).Select(v => (double)v)];
                if (f.Any(v => v != 0))
                    sum += 0.7f * y[Classes..].Zip(f, (p, q) => (p - q) * (p - q)).Sum() / f.Sum(v => v * v);
            }

            return sum / Batch;
        }
    }

    [Fact]
    public void Weights_for_another_number_of_classes_are_refused()
    {
        using var pool = new WorkerPool(1);
        var error = Assert.Throws<KindlingException>(() => TrainingPlan.Compile(TestNetworks.Stripes(), new TrainingPlanOptions { Batch = 2, ClassWeights = [1, 2] }, pool));
        Assert.Contains("2 class weights for 3 classes", error.Message, StringComparison.Ordinal);
    }

    private static void Fill(Span<float> values, ref RandomStream random)
    {
        foreach (ref var value in values)
            value = random.NextSingle(-2, 2);
    }

    private static double[] Targets(bool isSoft, Span<int> labels, ref RandomStream random)
    {
        var targets = new double[labels.Length * Classes];
        for (var n = 0; n < labels.Length; n++)
        {
            var share = isSoft ? random.NextSingle(0.5f, 1) : 1;
            targets[(n * Classes) + labels[n]] = share;
            targets[(n * Classes) + ((labels[n] + 1) % Classes)] = 1 - share;
        }

        return targets;
    }

    private static double[] LogSoftmax(double[] logits, double temperature)
    {
        var sum = Math.Log(logits.Sum(x => Math.Exp(x / temperature)));
        return [.. logits.Select(x => (x / temperature) - sum)];
    }
}
