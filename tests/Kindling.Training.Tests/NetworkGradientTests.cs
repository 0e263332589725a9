using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Zoo;

namespace Kindling.Training.Tests;

/// <summary>A training step of every version of every family of the zoo, compiled with all its fusions, against a double-precision reference that fuses nothing.</summary>
public sealed class NetworkGradientTests
{
    private const int Batch = 3;

    // Width factors change the number of channels only, and EfficientNet B1 to B7 are B0 with more and wider layers of the same kinds.
    public static TheoryData<string> Networks =>
        [.. ZooCatalogue.Models.Where(m => m.Family != "efficientnet" || m.Version == "b0").GroupBy(m => (m.Family, m.Version)).Select(g => g.First().Name)];

    [Theory]
    [MemberData(nameof(Networks))]
    public void The_loss_and_the_gradient_of_every_weight_are_those_of_the_reference(string name)
    {
        var random = new RandomStream(23);
        // ST EfficientNet LC takes multiples of 32 only.
        var side = name.StartsWith("st_efficientnet", StringComparison.Ordinal) ? 64 : 48;
        var graph = ZooCatalogue.Find(name).Build(new ModelOptions { Height = side, Width = side, Channels = 3, Classes = 4, Dropout = 0.3f, DropConnect = 0.3f, Seed = 9 });
        foreach (var constant in graph.Constants.Where(c => c.Shape.Rank == 1 && c.Type == ElementType.Float32))
        {
            // Fresh biases and normalizations are all alike; only different ones show an exchange of channels.
            foreach (ref var w in constant.Constant!.AsSpan<float>())
                w += random.NextSingle(0, 0.2f);
        }

        double[] images = [.. Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount * Batch).Select(_ => (double)random.NextSingle(-1, 1))];
        int[] labels = [.. Enumerable.Range(0, Batch).Select(n => n % 4)];
        using var pool = new WorkerPool(2);
        using var plan = TrainingPlan.Compile(graph, new TrainingPlanOptions { Batch = Batch, LabelSmoothing = 0.1f, Seed = 5 }, pool);
        for (var i = 0; i < images.Length; i++)
            plan.Images[i] = (float)images[i];
        labels.CopyTo(plan.Labels);

        var result = plan.Run();

        var reference = new DoubleReference(graph, Batch, 0.1f, seed: 5);
        Assert.Equal(reference.Loss(images, labels), result.Loss, 1e-4);
        var expected = reference.Gradients(images, labels);
        var constants = plan.Parameters.Segments.Select(s => s.Value).ToList();
        Assert.All(constants, c => AssertNear(c.Name, expected[c], plan.GradientOf(c).ToArray()));
        AssertFollowsDifferences(reference, expected, constants, () => reference.Loss(images, labels), ref random);
    }

    private static void AssertNear(string name, double[] expected, float[] actual)
    {
        var error = Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum());
        var norm = Math.Sqrt(expected.Sum(e => e * e));
        // A value within float's rounding of a clipping's edge may fall on its other side: one of the last layer's 12 000 is 1 % of a gradient's length.
        // A bias before a normalization has no gradient, but for float's rounding.
        Assert.True(error <= (norm < 1e-9 ? 1e-3 : 3e-2 * norm), $"{name}: the gradient's error has length {error}, the gradient {norm}");
    }

    /// <summary>The reference's own gradient against the differences of its loss along a random direction of all weights.</summary>
    private static void AssertFollowsDifferences(
        DoubleReference reference, Dictionary<Value, double[]> gradients, List<Value> constants, Func<double> loss, ref RandomStream random)
    {
        // How much the loss changes: far above double's rounding, and too little to move many values over a clipping's edge.
        const double Change = 1e-7;
        var direction = new Dictionary<Value, double[]>();
        double slope = 0;
        foreach (var constant in constants)
        {
            var d = new double[constant.Shape.ElementCount];
            // Along the gradient with noise: a random direction alone is nearly orthogonal to it.
            for (var i = 0; i < d.Length; i++)
            {
                d[i] = gradients[constant][i] * random.NextSingle(0.5f, 1.5f);
                slope += d[i] * gradients[constant][i];
            }

            direction[constant] = d;
        }

        Move(Change / slope);
        var above = loss();
        Move(-2 * Change / slope);
        var below = loss();
        Assert.Equal(1, (above - below) / (2 * Change), 1e-3);

        void Move(double distance)
        {
            foreach (var (constant, d) in direction)
            {
                var values = reference.Constant(constant);
                for (var i = 0; i < values.Length; i++)
                    values[i] += distance * d[i];
            }
        }
    }
}
