using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Training.Tests;

/// <summary>Compares a compiled plan's gradients with central differences of the double-precision reference.</summary>
internal static class GradientCheck
{
    private const double Distance = 1e-6;

    /// <summary>Checks some layers between an input and a linear classifier that sees every element.</summary>
    public static void Layers(int batch, int[] inputShape, Func<GraphBuilder, Value, Value> layers, float smoothing = 0, int samples = 20)
    {
        var builder = new GraphBuilder("layers", 3);
        var y = layers(builder, builder.Input("x", [1, .. inputShape]));
        if (y.Shape.Rank != 2)
            y = builder.Reshape(y, new Shape(1, y.Shape.ElementCount));
        Network(builder.Build(null, builder.Softmax(builder.Dense(y, 3))), batch, smoothing, samples);
    }

    /// <summary>Checks some elements of every trained constant and of the input of a network.</summary>
    public static void Network(Graph graph, int batch, float smoothing = 0, int samples = 4, bool inputGradient = true)
    {
        var random = new RandomStream(17, batch);
        foreach (var constant in graph.Constants)
        {
            // Statistics must be positive; everything else gets both signs.
            foreach (ref var w in constant.Constant!.AsSpan<float>())
                w = constant.Name.Contains("moving", StringComparison.Ordinal) || constant.Name.Contains("gamma", StringComparison.Ordinal)
                    ? random.NextSingle(0.5f, 1.5f)
                    : random.NextSingle(-0.5f, 0.5f);
        }

        var images = new double[graph.Inputs[0].Shape.ElementCount * batch];
        for (var i = 0; i < images.Length; i++)
            images[i] = random.NextSingle(-1, 1);
        var labels = new int[batch];
        for (var i = 0; i < batch; i++)
            labels[i] = random.NextInt32(graph.Outputs[0].Shape.Channels);

        using var pool = new WorkerPool(2);
        using var plan = TrainingPlan.Compile(
            graph, new TrainingPlanOptions { Batch = batch, LabelSmoothing = smoothing, Seed = 5, InputGradient = inputGradient }, pool);
        for (var i = 0; i < images.Length; i++)
            plan.Images[i] = (float)images[i];
        labels.CopyTo(plan.Labels);
        var result = plan.Run();

        var reference = new DoubleReference(graph, batch, smoothing, seed: 5);
        Assert.Equal(reference.Loss(images, labels), result.Loss, 1e-4);
        foreach (var segment in plan.Parameters.Segments)
            Compare(segment.Value.Name, plan.GradientOf(segment.Value).ToArray(), reference.Constant(segment.Value), () => reference.Loss(images, labels), samples, random);
        if (inputGradient)
            Compare("input", plan.InputGradient.ToArray(), images, () => reference.Loss(images, labels), samples, random);
    }

    private static void Compare(string name, float[] gradient, double[] variable, Func<double> loss, int samples, RandomStream random)
    {
        var indices = gradient.Length <= samples
            ? Enumerable.Range(0, gradient.Length).ToArray()
            : [.. Enumerable.Range(0, samples).Select(_ => random.NextInt32(gradient.Length))];
        var largest = gradient.Max(g => Math.Abs(g));
        foreach (var i in indices)
        {
            var value = variable[i];
            variable[i] = value + Distance;
            var above = loss();
            variable[i] = value - Distance;
            var below = loss();
            variable[i] = value;
            var expected = (above - below) / (2 * Distance);
            Assert.True(
                Math.Abs(gradient[i] - expected) <= (2e-4 * largest) + 1e-6,
                $"{name}[{i}]: gradient {gradient[i]}, differences give {expected}; largest of the tensor {largest}");
        }
    }
}
