using Kindling.Training.Optimizers;

namespace Kindling.Training.Tests;

/// <summary>Each optimizer equals its formula, written out in double precision.</summary>
public sealed unsafe class OptimizerTests
{
    private const float Rate = 0.05f;
    private const int Count = 32;
    private const int Steps = 6;

    [Theory]
    [InlineData(0f, false, 0f)]
    [InlineData(0.9f, false, 0f)]
    [InlineData(0.9f, true, 0.01f)]
    public void Sgd_follows_keras_formula(float momentum, bool nesterov, float decay)
    {
        var velocity = new double[Count];
        Check(new Sgd { LearningRate = Rate, Momentum = momentum, Nesterov = nesterov, WeightDecay = decay }, (i, w, g, _) =>
        {
            var move = -Rate * (g + (decay * w));
            velocity[i] = (momentum * velocity[i]) + move;
            return w + (nesterov ? (momentum * velocity[i]) + move : velocity[i]);
        });
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.1f)]
    public void Adam_follows_keras_formula(float decay)
    {
        var (m, v) = (new double[Count], new double[Count]);
        Check(new Adam { LearningRate = Rate, WeightDecay = decay }, (i, w, g, t) =>
        {
            m[i] = (0.9 * m[i]) + (0.1 * g);
            v[i] = (0.999 * v[i]) + (0.001 * g * g);
            var rate = Rate * Math.Sqrt(1 - Math.Pow(0.999, t)) / (1 - Math.Pow(0.9, t));
            return (w * (1 - (Rate * decay))) - (rate * m[i] / (Math.Sqrt(v[i]) + 1e-7));
        });
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public void RmsProp_follows_keras_formula(float momentum)
    {
        var (v, move) = (new double[Count], new double[Count]);
        Check(new RmsProp { LearningRate = Rate, Momentum = momentum }, (i, w, g, _) =>
        {
            v[i] = (0.9 * v[i]) + (0.1 * g * g);
            move[i] = (momentum * move[i]) + (Rate * g / Math.Sqrt(v[i] + 1e-7));
            return w - move[i];
        });
    }

    [Fact]
    public void AdamW_decays_weights_by_default_and_never_biases()
    {
        Assert.Equal(0.004f, new AdamW().WeightDecay);
        var weights = stackalloc float[16];
        var zeros = stackalloc float[48];
        new Span<float>(weights, 16).Fill(1);
        new AdamW { LearningRate = 0.5f }.Update(
            new UpdateRange { Weights = weights, Gradients = zeros, First = zeros + 16, Second = zeros + 32, Count = 16, Decays = false }, 1);
        Assert.Equal(1, weights[0]);
    }

    [Fact]
    public void Learning_rate_that_is_no_positive_number_is_refused()
    {
        Assert.Throws<KindlingException>(() => new Adam { LearningRate = -1 });
        Assert.Throws<KindlingException>(() => new Sgd { Momentum = 1 });
    }

    [Theory]
    [InlineData(0.01f, null, null)]
    [InlineData(null, 0.05f, null)]
    [InlineData(null, null, 0.1f)]
    public void Gradients_are_clipped_by_value_by_each_parameters_length_or_by_the_length_of_all(float? value, float? norm, float? global)
    {
        var graph = TestNetworks.Stripes();
        using var pool = new Execution.WorkerPool(2);
        using var plan = TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = 8 }, pool);
        using var optimizer = new OptimizerState(new Sgd { ClipValue = value, ClipNorm = norm, GlobalClipNorm = global }, plan);
        new StripesSource(8, 1, 1).Fill(0, 0, plan.Images, plan.Labels);
        plan.Run();
        var before = plan.Parameters.Segments.ToDictionary(s => s.Value.Name, s => plan.GradientOf(s.Value).ToArray());

        plan.Update(optimizer);

        var all = Length(before.Values.SelectMany(g => g));
        Assert.True(all > 0.1);
        foreach (var segment in plan.Parameters.Segments)
        {
            var gradient = before[segment.Value.Name];
            var factor = norm is not null ? Math.Min(1, norm.Value / Length(gradient)) : global is not null ? Math.Min(1, global.Value / all) : 1;
            var most = value ?? float.PositiveInfinity;
            Assert.All(gradient.Zip(plan.GradientOf(segment.Value).ToArray()), p => Assert.Equal(Math.Clamp(p.First * factor, -most, most), p.Second, 1e-6));
        }

        static double Length(IEnumerable<float> values) => Math.Sqrt(values.Sum(v => (double)v * v));
    }

    private static void Check(Optimizer optimizer, Func<int, double, double, int, double> rule)
    {
        var memory = stackalloc float[4 * Count];
        new Span<float>(memory, 4 * Count).Clear();
        var range = new UpdateRange
        {
            Weights = memory,
            Gradients = memory + Count,
            First = memory + (2 * Count),
            Second = memory + (3 * Count),
            Count = Count,
            Decays = true,
        };
        var random = new Numerics.RandomStream(9);
        var expected = new double[Count];
        for (var i = 0; i < Count; i++)
            expected[i] = range.Weights[i] = random.NextSingle(-1, 1);
        for (var step = 1; step <= Steps; step++)
        {
            for (var i = 0; i < Count; i++)
            {
                range.Gradients[i] = random.NextSingle(-1, 1);
                expected[i] = rule(i, expected[i], range.Gradients[i], step);
            }

            optimizer.Update(range, step);
        }

        for (var i = 0; i < Count; i++)
            Assert.Equal(expected[i], range.Weights[i], 1e-5);
    }
}
