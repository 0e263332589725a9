using Kindling.Execution;
using Kindling.Numerics;
using Kindling.Training;
using Kindling.Training.Optimizers;

namespace Kindling.Zoo.Tests;

public class LearningTests
{
    [Theory]
    [InlineData("squeezenet_v1.0", 64)]
    [InlineData("squeezenet_v1.1", 48)]
    [InlineData("squeezenet_v1.0_complex_bypass", 40)]
    [InlineData("st_squeezenet_v1.0", 64)]
    [InlineData("squeezenet_notebook_v1", 32)]
    [InlineData("mobilenet_v1_0.25", 32)]
    [InlineData("st_efficientnet_lc_v1", 32)]
    [InlineData("efficientnet_b0", 32)]
    public void A_network_learns_a_few_images_by_heart(string name, int side)
    {
        const int steps = 30;
        const int batch = 6;
        var graph = ZooCatalogue.Find(name).Build(new ModelOptions { Height = side, Width = side, Classes = 3, Seed = 5 });
        using var pool = new WorkerPool(2);
        using var plan = TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = batch, Seed = 1 }, pool);
        using var optimizer = new OptimizerState(new Adam { LearningRate = 5e-4f }, plan);
        var losses = new List<float>();
        for (var step = 0; step < steps; step++)
        {
            FillWithStripes(plan, side);
            losses.Add(plan.Run().Loss);
            plan.Update(optimizer);
        }

        Assert.All(losses, l => Assert.True(float.IsFinite(l)));
        Assert.True(losses.Min() < 0.7 * losses[0], $"loss went from {losses[0]} to {losses.Min()} at best");
    }

    // Three classes of stripes, each in its own colour, with noise.
    private static void FillWithStripes(TrainingPlan plan, int side)
    {
        var random = new RandomStream(7);
        for (var n = 0; n < plan.Batch; n++)
        {
            var label = plan.Labels[n] = n % 3;
            for (var i = 0; i < side * side * 3; i++)
            {
                var (pixel, channel) = Math.DivRem(i, 3);
                var (y, x) = Math.DivRem(pixel, side);
                var isLight = (label == 0 ? x : label == 1 ? y : x + y) / 4 % 2 == 0;
                plan.Images[(n * side * side * 3) + i] = (isLight && channel == label ? 1f : -0.5f) + random.NextSingle(-0.2f, 0.2f);
            }
        }
    }
}
