using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Numerics;
using Kindling.Tensors;
using Kindling.Training.Kernels;
using Kindling.Training.Kernels.Winograd;

namespace Kindling.Training.Tests;

/// <summary>Winograd's convolutions agree with plain ones to 1e-5 of the largest element and give the same bits for any number of threads.</summary>
public sealed unsafe class WinogradTests
{
    private const double Tolerance = 1e-5;
    private readonly List<float[]> _first = [];
    private readonly List<NativeBuffer> _memory = [];

    [Theory]
    [InlineData(3, 31, 31, 16, 64, 1, 0)]
    [InlineData(20, 7, 7, 64, 96, 1, 0)]
    [InlineData(5, 15, 14, 48, 16, 1, 24)]
    [InlineData(2, 13, 9, 32, 48, 0, 8)]
    [InlineData(2, 12, 30, 144, 80, 2, 0)]
    public void Forward_input_gradient_and_weight_gradient_agree_with_plain_convolutions(
        int batch, int height, int width, int inputs, int outputs, int padding, int gap)
    {
        var window = new ConvWindow(3, 3, 1, Padding.Uniform(padding), 1);
        var (oh, ow) = (height + (2 * padding) - 2, width + (2 * padding) - 2);
        var x = Random(new Shape(batch, height, width, inputs), gap, 1);
        var dy = Random(new Shape(batch, oh, ow, outputs), gap, 2);
        var weights = Random(new Shape(outputs, 3, 3, inputs), 0, 3);
        var bias = Random(new Shape(outputs), 0, 4);
        Assert.True(WinogradTiling.Fits(window, x.Shape, dy.Shape));

        foreach (var threads in new[] { 1, 3 })
        {
            using var pool = new WorkerPool(threads);
            var y = Filled(dy.Shape, gap, 0);
            var expectedY = Filled(dy.Shape, gap, 0);
            Convolve(pool, x, y, weights, bias, window.Padding, Activation.Relu, false, false);
            using var forward = new ConvFloat(
                x, expectedY, ConvWeights.Forward(() => Span(weights), weights.Shape), () => Span(bias), new ConvSettings(1, window.Padding, 1, Activation.Relu));
            forward.Prepare();
            Run(pool, forward);
            AssertNear(expectedY, y);

            var dx = Filled(x.Shape, gap, 1);
            var expectedDx = Filled(x.Shape, gap, 1);
            Convolve(pool, dy, dx, weights, null, window.Transposed, Activation.None, true, true);
            using var backward = new ConvFloat(
                dy, expectedDx, ConvWeights.Transposed(() => Span(weights), weights.Shape), null, new ConvSettings(1, window.Transposed, 1, Accumulate: true));
            backward.Prepare();
            Run(pool, backward);
            AssertNear(expectedDx, dx);

            var (dw, db) = (Filled(weights.Shape, 0, 0), Filled(bias.Shape, 0, 0));
            var partials = Filled(new Shape(WinogradWeightGradient.Cut(dy.Shape).Parts, WinogradWeightGradient.FloatsOfPart(inputs, outputs)), 0, 5);
            Run(pool, new WinogradWeightGradient(x, dy, partials, window.Padding));
            Run(pool, new WinogradWeightSum(x.Shape, dy.Shape, partials, dw, db));
            var (expectedDw, expectedDb) = (Filled(weights.Shape, 0, 0), Filled(bias.Shape, 0, 0));
            var layout = new WeightGradientLayout(window, x.Shape, x.PixelStride, dy.Shape);
            var plain = Filled(new Shape(layout.Parts, layout.Rows + 1, layout.Columns), 0, 0);
            Run(pool, new ConvWeightGradientKernel(layout, x, dy, plain));
            Run(pool, new ConvWeightSumKernel(layout, plain, expectedDw, expectedDb));
            AssertNear(expectedDw, dw);
            AssertNear(expectedDb, db);
            AssertSameBits(threads, y, dx, dw, db);
        }
    }

    private static void Convolve(
        WorkerPool pool, TensorView x, TensorView y, TensorView weights, TensorView? bias, Padding padding, Activation activation, bool isTransposed, bool adds)
    {
        using var memory = new NativeBuffer(sizeof(float) * 36L * x.Shape.Channels * y.Shape.Channels);
        var panels = new TensorView(memory.Address, ElementType.Float32, new Shape(36, x.Shape.Channels, y.Shape.Channels), y.Shape.Channels, null);
        var transformed = new WinogradWeights(weights, panels, isTransposed);
        Run(pool, transformed);
        Run(pool, new WinogradConvolution(x, y, transformed, bias is { } b ? b.Floats : null, padding, activation, adds));
    }

    private static void Run(WorkerPool pool, Kernel kernel)
    {
        pool.Reserve(kernel);
        pool.Run(kernel);
    }

    private static ReadOnlySpan<float> Span(TensorView view) => new(view.Floats, view.Shape.ElementCount);

    private static float[] Elements(TensorView view)
    {
        var elements = new float[view.Shape.ElementCount];
        for (var i = 0; i < elements.Length; i++)
            elements[i] = view.Floats[((nint)(i / view.Shape.Channels) * view.PixelStride) + (i % view.Shape.Channels)];
        return elements;
    }

    private static void AssertNear(TensorView expected, TensorView actual)
    {
        var (e, a) = (Elements(expected), Elements(actual));
        var largest = e.Max(Math.Abs);
        for (var i = 0; i < e.Length; i++)
            Assert.True(Math.Abs(e[i] - a[i]) <= Tolerance * largest, $"element {i}: {a[i]}, plain sums give {e[i]}; largest {largest}");
    }

    private void AssertSameBits(int threads, params TensorView[] results)
    {
        var all = results.SelectMany(Elements).ToArray();
        if (threads == 1)
            _first.Add(all);
        else
            Assert.Equal(_first[^1], all);
    }

    private TensorView Random(Shape shape, int gap, int key)
    {
        var view = Filled(shape, gap, 0);
        var random = new RandomStream(shape.ElementCount, key);
        for (var i = 0; i < shape.Pixels * (shape.Channels + gap); i++)
            view.Floats[i] = random.NextSingle(-1, 1);
        return view;
    }

    private TensorView Filled(Shape shape, int gap, float value)
    {
        var buffer = new NativeBuffer((long)shape.Pixels * (shape.Channels + gap) * sizeof(float));
        _memory.Add(buffer);
        new Span<float>(buffer.Floats, shape.Pixels * (shape.Channels + gap)).Fill(value);
        return new TensorView(buffer.Address, ElementType.Float32, shape, shape.Channels + gap, null);
    }
}
