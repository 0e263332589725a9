using Kindling.Data.Images;
using Kindling.Graphs;

namespace Kindling.Data.Tests;

public sealed class SyntheticShapesTests
{
    [Fact]
    public void The_same_seed_draws_the_same_images_and_another_seed_others()
    {
        using var first = new SyntheticShapes(40, seed: 5, size: 32);
        using var again = new SyntheticShapes(400, seed: 5, size: 32);
        using var other = new SyntheticShapes(40, seed: 6, size: 32);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(first.Load(i).Pixels, again.Load(i).Pixels);
            Assert.NotEqual(first.Load(i).Pixels, other.Load(i).Pixels);
        }
    }

    [Fact]
    public void Ten_classes_take_turns()
    {
        using var shapes = new SyntheticShapes(200, seed: 1, size: 16);
        Assert.Equal(10, shapes.ClassNames.Count);
        Assert.Equal(shapes.ClassNames.Order(StringComparer.Ordinal), shapes.ClassNames);
        Assert.All(shapes.CountByClass(), n => Assert.Equal(20, n));
        Assert.Equal("star/000018", shapes.FileName(18));
    }

    [Fact]
    public void The_shape_differs_from_its_ground_in_gray_as_well()
    {
        using var shapes = new SyntheticShapes(50, seed: 2, size: 64);
        for (int i = 0; i < 50; i++)
        {
            Image gray = shapes.Load(i, channels: 1);
            Assert.Equal(64 * 64, gray.Pixels.Length);
            Assert.True(gray.Pixels.Max() - gray.Pixels.Min() > 25);
        }
    }

    [Fact]
    public void A_linear_classifier_on_pixels_fails()
    {
        const int Side = 32, Training = 1500, Test = 500;
        using var shapes = new SyntheticShapes(Training + Test, seed: 3, size: 96);
        var input = new Preprocessing(Side, Side, ColorMode.Rgb, [1 / 127.5f], [-1], Interpolation.Area);
        DecodedImageCache cache = DecodedImageCache.Load(shapes, input, cancellationToken: TestContext.Current.CancellationToken);
        var model = new SoftmaxRegression(input.PixelCount(), 10);
        float[] values = new float[input.PixelCount()];
        for (int epoch = 0; epoch < 8; epoch++)
        {
            for (int i = 0; i < Training; i++)
            {
                ImagePreprocessor.ToFloat(cache.Pixels(i), input, values);
                model.Train(values, cache.Labels[i], rate: 0.002f / (1 + epoch));
            }
        }

        double Accuracy(int first, int count)
        {
            int right = 0;
            for (int i = first; i < first + count; i++)
            {
                ImagePreprocessor.ToFloat(cache.Pixels(i), input, values);
                right += model.Classify(values) == cache.Labels[i] ? 1 : 0;
            }

            return (double)right / count;
        }

        double onTraining = Accuracy(0, Training), onTest = Accuracy(Training, Test);
        TestContext.Current.TestOutputHelper!.WriteLine($"softmax regression: {onTraining:P1} of training, {onTest:P1} of test images");
        Assert.True(onTraining > 0.2, $"the classifier does not learn at all: {onTraining:P1}");
        Assert.True(onTest < 0.6, $"a linear classifier reaches {onTest:P1}");
    }

    /// <summary>Multinomial logistic regression trained one image at a time.</summary>
    private sealed class SoftmaxRegression(int inputs, int classes)
    {
        private readonly float[][] _weights = [.. Enumerable.Range(0, classes).Select(_ => new float[inputs + 1])];
        private readonly float[] _scores = new float[classes];

        public int Classify(float[] values)
        {
            for (int c = 0; c < classes; c++)
            {
                float sum = _weights[c][inputs];
                for (int i = 0; i < inputs; i++)
                    sum += _weights[c][i] * values[i];
                _scores[c] = sum;
            }

            return Array.IndexOf(_scores, _scores.Max());
        }

        public void Train(float[] values, int label, float rate)
        {
            _ = Classify(values);
            float highest = _scores.Max(), total = _scores.Sum(s => MathF.Exp(s - highest));
            for (int c = 0; c < classes; c++)
            {
                float step = rate * ((c == label ? 1 : 0) - (MathF.Exp(_scores[c] - highest) / total));
                float[] weights = _weights[c];
                for (int i = 0; i < inputs; i++)
                    weights[i] += step * values[i];
                weights[inputs] += step;
            }
        }
    }
}
