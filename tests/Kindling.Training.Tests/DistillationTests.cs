using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training.Distillation;
using Kindling.Training.Optimizers;

namespace Kindling.Training.Tests;

public sealed class DistillationTests
{
    [Fact]
    public void Network_learns_from_its_teacher_alone_without_ever_being_told_the_right_labels()
    {
        var token = TestContext.Current.CancellationToken;
        var teacher = TestNetworks.Stripes(seed: 7);
        Trainer.Fit(teacher, new StripesSource(32, 20, 1), null, new TrainerOptions { Epochs = 10, Optimizer = new Adam { LearningRate = 0.01f } }, null, token);
        Assert.True(Evaluator.Evaluate(teacher, new StripesSource(50, 6, 2), null, token).Accuracy > 0.95);

        var student = TestNetworks.Stripes(seed: 3);
        Trainer.Fit(
            student, new Mislabelled(new StripesSource(32, 20, 4)), null,
            new TrainerOptions { Epochs = 10, Optimizer = new Adam { LearningRate = 0.01f }, Teacher = new TeacherOptions { Graphs = [teacher], Weight = 1, Temperature = 2 } }, null, token);

        Assert.True(Evaluator.Evaluate(student, new StripesSource(50, 6, 2), null, token).Accuracy > 0.95);
    }

    [Fact]
    public void Teacher_gets_the_batch_at_its_own_size_colours_and_scale_and_answers_in_the_students_order_of_classes()
    {
        var student = Network("student", new Preprocessing(4, 4, ColorMode.Rgb, [1 / 127.5f], [-1]), ["a", "b", "c"]);
        var teacher = Network("teacher", new Preprocessing(8, 8, ColorMode.Bgr, [1], [-104, -117, -123]), ["c", "a", "b"]);
        using var pool = new WorkerPool(2);
        using var adapted = new Teacher(teacher, student, 2, pool);
        // One colour all over the picture stays that colour at any size: red 200, green 100, blue 50.
        float[] images = [.. Enumerable.Range(0, 2 * 16).SelectMany(_ => new[] { (200 / 127.5f) - 1, (100 / 127.5f) - 1, (50 / 127.5f) - 1 })];
        var scores = new float[6];

        adapted.Answer(images, scores);

        using var executor = Executor.Compile(teacher, new ExecutorOptions { Pool = pool });
        var input = executor.Input<float>();
        for (var i = 0; i < input.Length; i += 3)
            (input[i], input[i + 1], input[i + 2]) = (50 - 104, 100 - 117, 200 - 123);
        executor.Run();
        var expected = executor.Output<float>().ToArray();
        foreach (var first in new[] { 0, 3 })
        {
            var sum = scores.Skip(first).Take(3).Sum(s => Math.Exp(s - scores[first]));
            float Probability(int c) => (float)(Math.Exp(scores[first + c] - scores[first]) / sum);
            Assert.Equal(expected[1], Probability(0), 1e-4f);
            Assert.Equal(expected[2], Probability(1), 1e-4f);
            Assert.Equal(expected[0], Probability(2), 1e-4f);
        }
    }

    [Fact]
    public void Of_several_teachers_the_mean_of_their_probabilities_at_the_temperature_is_the_target()
    {
        const int Batch = 2;
        const float Temperature = 2.5f;
        var student = Network("student", new Preprocessing(4, 4, ColorMode.Rgb, [1], [0]), ["a", "b", "c"]);
        Graph[] teachers =
        [
            Network("one", new Preprocessing(8, 8, ColorMode.Rgb, [1 / 64f], [-2]), ["c", "a", "b"], seed: 5),
            Network("two", new Preprocessing(4, 4, ColorMode.Bgr, [1 / 32f], [0]), ["a", "b", "c"], seed: 6),
            Network("three", new Preprocessing(2, 2, ColorMode.Grayscale, [1 / 16f], [0]), ["b", "c", "a"], seed: 7),
        ];
        float[] images = [.. Enumerable.Range(0, Batch * 16).SelectMany(i => new float[] { (i * 37) % 256, (i * 101) % 256, (i * 11) % 256 })];
        using var pool = new WorkerPool(2);
        var expected = new double[Batch * 3];
        foreach (var teacher in teachers)
        {
            using var alone = new Teacher(teacher, student, Batch, pool);
            var answer = new float[Batch * 3];
            alone.Answer(images, answer);
            for (var i = 0; i < expected.Length; i++)
                expected[i] += Softmax(answer, i / 3 * 3, Temperature)[i % 3] / teachers.Length;
        }

        using var ensemble = new TeacherEnsemble(new TeacherOptions { Graphs = teachers, Temperature = Temperature }, student, Batch, pool);
        var scores = new float[Batch * 3];
        ensemble.Answer(images, scores);

        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], Softmax(scores, i / 3 * 3, Temperature)[i % 3], 1e-6);
    }

    [Fact]
    public void One_teacher_answers_to_the_bit_what_it_answers_without_the_mean()
    {
        var student = Network("student", new Preprocessing(4, 4, ColorMode.Rgb, [1], [0]), ["a", "b", "c"]);
        var teacher = Network("teacher", new Preprocessing(8, 8, ColorMode.Rgb, [1 / 64f], [-2]), ["c", "a", "b"]);
        float[] images = [.. Enumerable.Range(0, 2 * 48).Select(i => (float)((i * 37) % 256))];
        var (expected, actual) = (new float[6], new float[6]);
        using var pool = new WorkerPool(1);
        using var alone = new Teacher(teacher, student, 2, pool);
        using var ensemble = new TeacherEnsemble(new TeacherOptions { Graphs = [teacher], Temperature = 3 }, student, 2, pool);

        alone.Answer(images, expected);
        ensemble.Answer(images, actual);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Teachers_that_are_sure_beyond_floats_smallest_number_leave_finite_scores()
    {
        float[] scores = [900, 0, -900, -900, 0, 900];
        var mean = new float[3];

        TeacherEnsemble.Mean(scores, 2, 1, mean);

        Assert.All(mean, m => Assert.True(float.IsFinite(m)));
        Assert.Equal(mean[0], mean[2]);
        // Class 0 has half the mean; class 1 is e^-900 for both.
        Assert.Equal(900 - Math.Log(2), mean[0] - mean[1], 1e-2);
    }

    [Fact]
    public void A_gradient_of_brightness_stays_one_when_the_teachers_picture_is_larger()
    {
        var student = Network("student", new Preprocessing(4, 4, ColorMode.Grayscale, [1], [0]), []);
        var teacher = Network("teacher", new Preprocessing(8, 8, ColorMode.Rgb, [2], [1]), []);
        using var pool = new WorkerPool(1);
        using var executor = Executor.Compile(teacher, new ExecutorOptions { Pool = pool });
        var kernel = new TeacherInputKernel(student, teacher, 1, executor);
        float[] image = [.. Enumerable.Range(0, 16).Select(i => (float)(i % 4 * 20))];
        unsafe
        {
            fixed (float* address = image)
            {
                kernel.Images = address;
                kernel.Run(0, null);
            }
        }

        var row = executor.Input<float>()[..24].ToArray();
        float[] places = [0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3];
        for (var x = 0; x < 8; x++)
        {
            for (var c = 0; c < 3; c++)
                Assert.Equal((2 * 20 * places[x]) + 1, row[(x * 3) + c], 1e-3f);
        }
    }

    [Fact]
    public void A_teacher_of_other_classes_is_refused_by_name()
    {
        using var pool = new WorkerPool(1);
        var preprocessing = new Preprocessing(4, 4, ColorMode.Rgb, [1], [0]);
        var error = Assert.Throws<KindlingException>(() => new Teacher(
            Network("teacher", preprocessing, ["x", "y", "z"]), Network("student", preprocessing, ["a", "b", "c"]), 2, pool));
        Assert.Contains("teacher knows x, y, z, the network is to learn a, b, c", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_are_foretold_in_a_second_output_while_scores_and_weights_stay_the_networks_own()
    {
        var student = Network("student", new Preprocessing(4, 4, ColorMode.Rgb, [1], [0]), ["a", "b", "c"]);
        var hint = new FeatureHint(student, [student, TestNetworks.Stripes()], seed: 3);

        var extended = hint.Extend(student);

        var width = hint.Features;
        Assert.True(width > 4);
        Assert.Equal([1, 3 + width], extended.Outputs[0].Shape.ToArray());
        Assert.Equal(student.Constants, extended.Constants.Where(c => !hint.Owns(c)));
        Assert.Equal(2, extended.Constants.Count(hint.Owns));
        Assert.All(extended.Constants.Where(hint.Owns), c => Assert.StartsWith(FeatureHint.Prefix, c.Name, StringComparison.Ordinal));
        using var pool = new WorkerPool(1);
        using var own = Executor.Compile(FeatureHint.Teaching(student, withFeatures: false), new ExecutorOptions { Pool = pool });
        using var both = Executor.Compile(extended, new ExecutorOptions { Pool = pool });
        for (var i = 0; i < own.Input<float>().Length; i++)
            own.Input<float>()[i] = both.Input<float>()[i] = MathF.Sin(i);
        own.Run();
        both.Run();
        Assert.Equal(own.Output<float>().ToArray(), both.Output<float>()[..3].ToArray());
    }

    [Fact]
    public void An_ensemble_gives_each_images_features_of_all_teachers_one_after_the_other()
    {
        var student = Network("student", new Preprocessing(4, 4, ColorMode.Rgb, [1], [0]), []);
        var teachers = new[] { Network("one", new Preprocessing(8, 8, ColorMode.Rgb, [1 / 64f], [-2]), [], seed: 5), Network("two", new Preprocessing(4, 4, ColorMode.Rgb, [1 / 32f], [0]), [], seed: 6) };
        float[] images = [.. Enumerable.Range(0, 2 * 48).Select(i => (float)((i * 37) % 256))];
        using var pool = new WorkerPool(2);
        using var ensemble = new TeacherEnsemble(new TeacherOptions { Graphs = teachers, FeatureWeight = 1 }, student, 2, pool);
        var (scores, features) = (new float[6], new float[16]);

        ensemble.Answer(images, scores);
        ensemble.CopyFeatures(features);

        // Features of these networks are the channels' means behind a 1x1 convolution; the scores follow from them by the last layer.
        for (var t = 0; t < 2; t++)
        {
            using var alone = new Teacher(teachers[t], student, 2, pool);
            var expected = new float[6];
            alone.Answer(images, expected);
            var last = teachers[t].Nodes.Single(n => n.Operator is Graphs.Operators.Dense);
            var (weights, bias) = (last.Inputs[1].Constant!.AsSpan<float>().ToArray(), last.Inputs[2].Constant!.AsSpan<float>().ToArray());
            for (var n = 0; n < 2; n++)
            {
                for (var c = 0; c < 3; c++)
                    Assert.Equal(bias[c] + Enumerable.Range(0, 4).Sum(i => weights[(c * 4) + i] * features[(n * 8) + (t * 4) + i]), expected[(n * 3) + c], 1e-3f);
            }
        }
    }

    [Fact]
    public void Features_alone_bring_the_network_nearer_to_its_teachers()
    {
        var token = TestContext.Current.CancellationToken;
        var teacher = TestNetworks.Stripes(seed: 7);
        Trainer.Fit(teacher, new StripesSource(32, 20, 1), null, new TrainerOptions { Epochs = 10, Optimizer = new Adam { LearningRate = 0.01f } }, null, token);

        double FirstAndLastLoss(float featureWeight, out double first)
        {
            var student = TestNetworks.Stripes(seed: 3);
            var result = Trainer.Fit(
                student, new StripesSource(32, 20, 4), null,
                new TrainerOptions { Epochs = 6, Optimizer = new Adam { LearningRate = 0.01f }, Teacher = new TeacherOptions { Graphs = [teacher], Weight = 0.5f, FeatureWeight = featureWeight } }, null, token);
            first = result.History[0].Loss;
            return result.History[^1].Loss;
        }

        // The features' part is what a hundredfold weight makes of the loss: nothing else grows with it.
        var last = FirstAndLastLoss(100, out var first);
        Assert.True(last < first / 4, $"{first} to {last}");
        _ = FirstAndLastLoss(0, out var without);
        Assert.True(first > 5 * without, $"{first} with features, {without} without");
    }

    [Fact]
    public void A_network_without_weights_has_no_features_and_is_named()
    {
        var b = new GraphBuilder("bare");
        var bare = b.Build(null, b.Softmax(b.GlobalAveragePool(b.Input("x", 1, 4, 4, 3))));
        var error = Assert.Throws<KindlingException>(() => new FeatureHint(TestNetworks.Stripes(), [bare], 1));
        Assert.Contains("bare has no convolution", error.Message, StringComparison.Ordinal);
    }

    private static double[] Softmax(float[] scores, int first, float temperature)
    {
        double[] exponentials = [.. scores.Skip(first).Take(3).Select(s => Math.Exp((s - scores[first]) / temperature))];
        return [.. exponentials.Select(e => e / exponentials.Sum())];
    }

    private static Graph Network(string name, Preprocessing preprocessing, string[] classes, int seed = 5)
    {
        var b = new GraphBuilder(name, seed);
        var x = b.Input("x", 1, preprocessing.Height, preprocessing.Width, preprocessing.Channels);
        return b.Build(new ModelMetadata(preprocessing, classes), b.Softmax(b.Dense(b.GlobalAveragePool(b.Conv2D(x, 4, 1)), 3)));
    }

    private sealed class Mislabelled(StripesSource source) : ITrainingSource
    {
        public int BatchSize => source.BatchSize;

        public int StepsPerEpoch => source.StepsPerEpoch;

        public void Fill(int epoch, int step, Span<float> images, Span<int> labels)
        {
            source.Fill(epoch, step, images, labels);
            labels.Clear();
        }
    }
}
