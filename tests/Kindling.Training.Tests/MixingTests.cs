using Kindling.Execution;
using Kindling.Numerics;
using Kindling.Training.Mixing;

namespace Kindling.Training.Tests;

public sealed class MixingTests
{
    private const int Batch = 9;
    private const int Size = StripesSource.Side * StripesSource.Side;

    [Fact]
    public void Mixup_blends_each_pair_and_its_targets_by_the_same_share()
    {
        using var mixed = Mixed(new Mixup(1), null);
        for (var n = 0; n < Batch; n++)
        {
            var share = mixed.Share(n);
            var (own, other) = (mixed.Before(n), mixed.Before(Batch - 1 - n));
            var after = mixed.After(n);
            for (var i = 0; i < Size; i++)
                Assert.Equal((share * own[i]) + ((1 - share) * other[i]), after[i], 1e-5f);
        }

        Assert.Contains(Enumerable.Range(0, Batch), n => mixed.Share(n) < 0.95f);
    }

    [Fact]
    public void CutMix_exchanges_a_rectangle_whose_area_is_the_share_of_the_other_class()
    {
        using var mixed = Mixed(null, new CutMix(1, 1));
        for (var n = 0; n < Batch; n++)
        {
            var (own, other, after) = (mixed.Before(n), mixed.Before(Batch - 1 - n), mixed.After(n));
            var places = Enumerable.Range(0, Size).Where(i => after[i] != own[i]).ToList();
            Assert.All(places, i => Assert.Equal(other[i], after[i]));
            Assert.Equal(1 - mixed.Share(n), (float)places.Count / Size, 1e-5f);
            if (places.Count == 0)
                continue;
            var (rows, columns) = (places.Select(i => i / StripesSource.Side).Distinct().Count(), places.Select(i => i % StripesSource.Side).Distinct().Count());
            Assert.Equal(rows * columns, places.Count);
        }

        Assert.Contains(Enumerable.Range(0, Batch), n => mixed.Share(n) < 0.95f);
    }

    [Fact]
    public void The_label_keeps_naming_the_larger_part_and_targets_add_up_to_one()
    {
        using var mixed = Mixed(new Mixup(0.4f, 0.5f), new CutMix(1, 0.5f));
        for (var n = 0; n < Batch; n++)
        {
            var target = mixed.Plan.Targets.Slice(n * 3, 3).ToArray();
            Assert.Equal(1, target.Sum(), 1e-6f);
            Assert.True(target[mixed.Plan.Labels[n]] >= 0.5f);
        }
    }

    [Fact]
    public void What_is_drawn_depends_on_epoch_and_step_not_on_threads()
    {
        using var one = Mixed(new Mixup(1, 0.5f), new CutMix(), threads: 1);
        using var three = Mixed(new Mixup(1, 0.5f), new CutMix(), threads: 3);
        using var later = Mixed(new Mixup(1, 0.5f), new CutMix(), step: 1);
        Assert.Equal(one.Plan.Images.ToArray(), three.Plan.Images.ToArray());
        Assert.Equal(one.Plan.Targets.ToArray(), three.Plan.Targets.ToArray());
        Assert.NotEqual(one.Plan.Images.ToArray(), later.Plan.Images.ToArray());
    }

    [Theory]
    [InlineData(0.2f)]
    [InlineData(1f)]
    [InlineData(3f)]
    public void Beta_variates_have_mean_one_half_and_the_distributions_variance(float alpha)
    {
        var random = new RandomStream(3);
        var values = Enumerable.Range(0, 20_000).Select(_ => (double)BetaDistribution.Draw(ref random, alpha)).ToList();
        Assert.All(values, v => Assert.InRange(v, 0, 1));
        Assert.Equal(0.5, values.Average(), 0.01);
        Assert.Equal(1 / (4 * ((2 * alpha) + 1)), values.Average(v => (v - 0.5) * (v - 0.5)), 0.005);
    }

    [Theory]
    [InlineData(0, 1, "alpha 0")]
    [InlineData(1, 1.5f, "change_rate 1.5")]
    public void Impossible_strengths_are_refused(float alpha, float rate, string message)
    {
        var error = Assert.Throws<KindlingException>(() => Mixed(new Mixup(alpha, rate), null));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static MixedBatch Mixed(Mixup? mixup, CutMix? cutMix, int threads = 2, int step = 0)
    {
        var pool = new WorkerPool(threads);
        var plan = TrainingPlan.Compile(TestNetworks.Stripes(), new TrainingPlanOptions { Batch = Batch, HasSoftTargets = true }, pool);
        new StripesSource(Batch, 1, 5).Fill(0, 0, plan.Images, plan.Labels);
        for (var n = 0; n < Batch; n++)
            plan.Labels[n] = n < Batch / 2 ? 0 : 2;
        var before = plan.Images.ToArray();
        new BatchMixer(plan, mixup, cutMix, 4).Mix(3, step);
        return new MixedBatch(pool, plan, before);
    }

    private sealed record MixedBatch(WorkerPool Pool, TrainingPlan Plan, float[] Images) : IDisposable
    {
        public float[] Before(int n) => Images[(n * Size)..((n + 1) * Size)];

        public float[] After(int n) => Plan.Images.Slice(n * Size, Size).ToArray();

        public float Share(int n) => Plan.Targets[(n * 3) + Plan.Labels[n]];

        public void Dispose()
        {
            Plan.Dispose();
            Pool.Dispose();
        }
    }
}
