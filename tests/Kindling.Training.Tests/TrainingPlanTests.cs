using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training.Optimizers;

namespace Kindling.Training.Tests;

public sealed class TrainingPlanTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_are_the_same_to_the_bit_for_one_two_and_three_threads(bool isFires)
    {
        var expected = Train(1);
        Assert.Equal(expected, Train(2));
        Assert.Equal(expected, Train(3));

        float[] Train(int threads)
        {
            var graph = isFires ? TestNetworks.Fires() : TestNetworks.Stripes();
            using var pool = new WorkerPool(threads);
            using var plan = TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = 24, Seed = 3 }, pool);
            using var optimizer = new OptimizerState(new Adam(), plan);
            var source = new StripesSource(24, 8, 11);
            for (var step = 0; step < 8; step++)
            {
                source.Fill(0, step, plan.Images, plan.Labels);
                plan.Run();
                plan.Update(optimizer);
            }

            plan.StoreParameters();
            return TestNetworks.Weights(graph);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Step_allocates_nothing(int threads)
    {
        using var pool = new WorkerPool(threads);
        using var plan = TrainingPlan.Compile(TestNetworks.Stripes(), new TrainingPlanOptions { Batch = 8 }, pool);
        using var optimizer = new OptimizerState(new Adam(), plan);
        new StripesSource(8, 1, 1).Fill(0, 0, plan.Images, plan.Labels);
        for (var i = 0; i < 3; i++)
            Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
            Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            plan.Run();
            plan.Update(optimizer);
        }
    }

    [Fact]
    public void Moving_statistics_follow_the_batch_with_the_operators_momentum()
    {
        var b = new GraphBuilder("norm");
        var norm = b.BatchNorm(b.Input("x", 1, 4, 4, 5), momentum: 0.75f);
        var graph = b.Build(null, b.Softmax(b.Dense(b.GlobalAveragePool(norm), 2)));
        using var pool = new WorkerPool(2);
        using var plan = TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = 7 }, pool);
        var random = new Numerics.RandomStream(4);
        foreach (ref var x in plan.Images)
            x = random.NextSingle(-1, 3);
        var images = plan.Images.ToArray().Select(f => (double)f).ToArray();
        plan.Run();
        plan.StoreParameters();

        var reference = new DoubleReference(graph, 7);
        reference.Loss(images, plan.Labels.ToArray());
        var (mean, variance) = reference.BatchStatistics[norm];
        var inputs = graph.Producer(norm)!.Inputs;
        for (var c = 0; c < 5; c++)
        {
            Assert.Equal(0.25 * mean[c], inputs[3].Constant!.AsSpan<float>()[c], 1e-5);
            Assert.Equal(0.75 + (0.25 * variance[c]), inputs[4].Constant!.AsSpan<float>()[c], 1e-5);
        }
    }

    [Fact]
    public void Frozen_constants_stay_as_they_are_and_frozen_normalization_uses_moving_statistics()
    {
        var graph = TestNetworks.Stripes();
        var frozen = graph.Constants.Where(v => !v.Name.StartsWith("dense", StringComparison.Ordinal)).ToList();
        var before = frozen.Select(v => v.Constant!.AsSpan<float>().ToArray()).ToList();
        using var pool = new WorkerPool(2);
        using var plan = TrainingPlan.Compile(
            graph, new TrainingPlanOptions { Batch = 8, IsTrainable = v => v.Name.StartsWith("dense", StringComparison.Ordinal) }, pool);
        using var optimizer = new OptimizerState(new Sgd { LearningRate = 0.1f }, plan);
        new StripesSource(8, 1, 1).Fill(0, 0, plan.Images, plan.Labels);
        var first = plan.Run();
        for (var i = 0; i < 5; i++)
        {
            plan.Update(optimizer);
            plan.Run();
        }

        plan.StoreParameters();
        Assert.Equal(before, frozen.Select(v => v.Constant!.AsSpan<float>().ToArray()));
        Assert.NotEqual(first.Loss, plan.Run().Loss);
    }

    [Fact]
    public void Label_outside_the_classes_is_refused()
    {
        using var pool = new WorkerPool(1);
        using var plan = TrainingPlan.Compile(TestNetworks.Stripes(), new TrainingPlanOptions { Batch = 2 }, pool);
        plan.Labels[1] = 3;
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.Run());
    }

    [Fact]
    public void Graph_without_class_scores_is_refused_by_name()
    {
        var b = new GraphBuilder("features");
        var graph = b.Build(null, b.Conv2D(b.Input("x", 1, 4, 4, 3), 8, 3));
        using var pool = new WorkerPool(1);
        var error = Assert.Throws<GraphException>(() => TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = 2 }, pool));
        Assert.Contains("features", error.Message, StringComparison.Ordinal);
    }
}
