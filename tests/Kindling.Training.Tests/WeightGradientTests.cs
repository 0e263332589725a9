using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Training.Kernels;

namespace Kindling.Training.Tests;

/// <summary>The tiled weight gradient equals plain loops on shapes large enough for several parts, groups, blocks and tiles, also on slices of wider pixels.</summary>
public sealed unsafe class WeightGradientTests
{
    [Theory]
    [InlineData(3, 31, 31, 16, 64, 3, 1, 1, 1, 0)]
    [InlineData(8, 33, 30, 3, 64, 3, 2, 0, 1, 0)]
    [InlineData(15, 24, 24, 3, 8, 3, 2, 1, 1, 0)]
    [InlineData(9, 15, 15, 48, 72, 1, 1, 0, 1, 24)]
    [InlineData(2, 25, 27, 20, 100, 3, 1, 1, 1, 28)]
    [InlineData(2, 30, 30, 7, 33, 5, 1, 2, 1, 3)]
    [InlineData(2, 29, 28, 12, 17, 3, 1, 2, 2, 0)]
    [InlineData(1500, 1, 1, 37, 5, 1, 1, 0, 1, 0)]
    [InlineData(20, 21, 20, 1, 16, 5, 2, 2, 1, 0)]
    public void Tiles_sum_what_loops_sum(
        int batch, int height, int width, int inputs, int outputs, int kernel, int stride, int padding, int dilation, int gap)
    {
        var window = new ConvWindow(kernel, kernel, stride, Padding.Uniform(padding), dilation);
        var oh = Padding.Positions(height, padding, padding, kernel, stride, dilation);
        var ow = Padding.Positions(width, padding, padding, kernel, stride, dilation);
        using var xMemory = Random(batch * height * width * inputs, 1);
        using var dyMemory = Random(batch * oh * ow * (outputs + gap), 2);
        var x = View(xMemory, new Shape(batch, height, width, inputs), inputs);
        var dy = View(dyMemory, new Shape(batch, oh, ow, outputs), outputs + gap);
        var layout = new WeightGradientLayout(window, x.Shape, x.PixelStride, dy.Shape);
        using var partials = new NativeBuffer(sizeof(float) * (long)layout.Parts * (layout.Rows + 1) * layout.Columns);
        using var weights = new NativeBuffer(sizeof(float) * (long)outputs * kernel * kernel * inputs);
        using var bias = new NativeBuffer(sizeof(float) * (long)outputs);
        var partialView = View(partials, new Shape(layout.Parts, layout.Rows + 1, layout.Columns), layout.Columns);
        using var pool = new WorkerPool(2);
        foreach (var step in new Kernel[]
        {
            new ConvWeightGradientKernel(layout, x, dy, partialView),
            new ConvWeightSumKernel(
                layout, partialView, View(weights, new Shape(outputs, kernel, kernel, inputs), inputs), View(bias, new Shape(outputs), outputs)),
        })
        {
            pool.Reserve(step);
            pool.Run(step);
        }

        Assert.True(layout.Parts > 1);
        var (expectedWeights, expectedBias) = Loops(window, x, dy);
        var scale = Math.Sqrt(batch * oh * ow);
        for (var i = 0; i < expectedWeights.Length; i++)
            Assert.True(Math.Abs(expectedWeights[i] - weights.Floats[i]) < 1e-5 * scale, $"weight {i}: {weights.Floats[i]}, loops give {expectedWeights[i]}");
        for (var o = 0; o < outputs; o++)
            Assert.Equal(expectedBias[o], bias.Floats[o], 1e-5 * scale);
    }

    [Theory]
    [InlineData(8, 16)]
    [InlineData(8, 32)]
    [InlineData(12, 16)]
    [InlineData(12, 32)]
    public void Tiles_of_256_and_of_512_bits_give_the_same_bits(int rows, int columns)
    {
        const int Pixels = 150;
        var (inputStep, gradientStep, sumStep) = (rows + 5, columns + 16, columns + 32);
        using var input = Random(Pixels * inputStep, 1);
        using var gradient = Random(Pixels * gradientStep, 2);
        using var wide = Random(rows * sumStep, 3);
        using var narrow = Random(rows * sumStep, 3);
        var runs = stackalloc PixelRun[] { new PixelRun(0, 0, 70), new PixelRun(100 * inputStep, 90 * gradientStep, 1), new PixelRun(80 * inputStep, 75 * gradientStep, 70) };
        var tile = new WeightTile
        {
            Input = input.Floats,
            InputStep = inputStep,
            Gradient = gradient.Floats,
            GradientStep = gradientStep,
            Runs = runs,
            RunCount = 3,
            Sums = wide.Floats,
            SumStep = sumStep,
        };
        var before = new ReadOnlySpan<float>(wide.Floats, rows * sumStep).ToArray();

        WeightTiles.RunWide(&tile, rows, columns);
        tile.Sums = narrow.Floats;
        NarrowWeightTiles.Run(&tile, rows, columns);

        var expected = new ReadOnlySpan<float>(wide.Floats, rows * sumStep).ToArray();
        Assert.Equal(expected, new ReadOnlySpan<float>(narrow.Floats, rows * sumStep).ToArray());
        // Every sum of the tile is another, and nothing beside it.
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(i % sumStep < columns, expected[i] != before[i]);
    }

    private static (double[] Weights, double[] Bias) Loops(ConvWindow window, TensorView x, TensorView dy)
    {
        var (input, output) = (x.Shape, dy.Shape);
        var weights = new double[output.Channels * window.Rows * window.Columns * input.Channels];
        var bias = new double[output.Channels];
        for (var pixel = 0; pixel < output.Pixels; pixel++)
        {
            var gradient = dy.Floats + ((nint)pixel * dy.PixelStride);
            for (var o = 0; o < output.Channels; o++)
                bias[o] += gradient[o];
            var (ox, oy, n) = (pixel % output.Width, pixel / output.Width % output.Height, pixel / output.Width / output.Height);
            for (var tap = 0; tap < window.Rows * window.Columns; tap++)
            {
                var iy = (oy * window.Stride.Height) + (tap / window.Columns * window.Dilation.Height) - window.Padding.Top;
                var ix = (ox * window.Stride.Width) + (tap % window.Columns * window.Dilation.Width) - window.Padding.Left;
                if (iy < 0 || iy >= input.Height || ix < 0 || ix >= input.Width)
                    continue;
                var taps = x.Floats + ((nint)((((n * input.Height) + iy) * input.Width) + ix) * x.PixelStride);
                for (var o = 0; o < output.Channels; o++)
                {
                    for (var c = 0; c < input.Channels; c++)
                        weights[(((o * window.Rows * window.Columns) + tap) * input.Channels) + c] += (double)taps[c] * gradient[o];
                }
            }
        }

        return (weights, bias);
    }

    private static NativeBuffer Random(int count, int key)
    {
        var buffer = new NativeBuffer((long)count * sizeof(float));
        var random = new RandomStream(count, key);
        for (var i = 0; i < count; i++)
            buffer.Floats[i] = random.NextSingle(-1, 1);
        return buffer;
    }

    private static TensorView View(NativeBuffer buffer, Shape shape, int stride) => new(buffer.Address, ElementType.Float32, shape, stride, null);
}
