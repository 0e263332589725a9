using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float;
using Kindling.Kernels.Float.Simd;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Kernels.Float;

/// <summary>One operator on memory of its own, so that the vector kernels can be held against the scalar reference.</summary>
internal sealed unsafe class KernelHarness : IDisposable
{
    public const float Poison = 12345.678f;
    private readonly List<NativeBuffer> _buffers = [];
    private readonly Dictionary<int, WorkerPool> _pools = [];

    private KernelHarness(Node node, List<TensorView> inputs, Shape outputShape)
    {
        Node = node;
        Inputs = inputs;
        OutputShape = outputShape;
    }

    public static VectorWidth[] Widths { get; } = [VectorWidth.Bits512, VectorWidth.Bits256, VectorWidth.Bits128];

    public Node Node { get; }

    public List<TensorView> Inputs { get; private set; }

    public Shape OutputShape { get; }

    /// <summary>An operator on random activations. Shapes are for batch 1; constants keep theirs.</summary>
    public static KernelHarness Create(
        Operator op, int batch, RandomStream random, Shape[] activations, Tensor[]? constants = null, int inputGap = 0)
    {
        var values = activations.Select((s, i) => new Value($"x{i}", ElementType.Float32, s)).ToList();
        values.AddRange((constants ?? []).Select((c, i) => new Value($"c{i}", c)));
        var output = new Value("y", ElementType.Float32, op.Infer("node", values));
        var harness = new KernelHarness(new Node("node", op, values, output), [], output.Shape.WithBatch(output.Shape.Batch * batch));
        foreach (var value in values)
        {
            var shape = value.IsConstant ? value.Shape : value.Shape.WithBatch(value.Shape.Batch * batch);
            var view = harness.Allocate(shape, value.IsConstant ? 0 : inputGap);
            for (var e = 0; e < shape.ElementCount; e++)
                Element(view, e) = value.IsConstant ? value.Constant!.AsSpan<float>()[e] : random.NextSingle(-1, 1);
            harness.Inputs.Add(view);
        }

        return harness;
    }

    public static Tensor RandomTensor(RandomStream random, params ReadOnlySpan<int> shape)
    {
        var tensor = new Tensor(ElementType.Float32, new Shape(shape));
        foreach (ref var e in tensor.AsSpan<float>())
            e = random.NextSingle(-1, 1);
        return tensor;
    }

    public static ref float Element(in TensorView view, int index)
    {
        var channels = view.Shape.Channels;
        return ref view.Floats[((nint)(index / channels) * view.PixelStride) + (index % channels)];
    }

    public float[] Reference() => Run(context => FloatKernels.Create(context, reference: true)!, 0, 1, null);

    public float[] Fast(VectorWidth width, int gap = 0, int threads = 1, int? inPlaceOf = null) =>
        Run(context => FloatKernels.CreateFast(context, width)!, gap, threads, inPlaceOf);

    /// <summary>Checks all register widths, with and without gaps between the pixels written, and over operands where that is allowed.</summary>
    public void CheckFast(float tolerance, bool slices = false, params int[] inPlaceOf)
    {
        var expected = Reference();
        foreach (var width in Widths)
        {
            AssertClose(expected, Fast(width), tolerance, $"{width}");
            AssertClose(Fast(width), Fast(width, threads: 2), 0, $"{width}, 2 threads");
            AssertClose(Fast(width), Fast(width, threads: 3), 0, $"{width}, 3 threads");
            if (slices)
                AssertClose(Fast(width), Fast(width, gap: 5), 0, $"{width}, into a slice");
            foreach (var operand in inPlaceOf)
                AssertClose(Fast(width), Fast(width, inPlaceOf: operand), 0, $"{width}, over operand {operand}");
        }
    }

    public void Dispose()
    {
        _buffers.ForEach(b => b.Dispose());
        foreach (var pool in _pools.Values)
            pool.Dispose();
    }

    public static void AssertClose(float[] expected, float[] actual, float tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var isClose = tolerance == 0 ? expected[i].Equals(actual[i]) : Math.Abs(expected[i] - actual[i]) <= tolerance;
            if (!isClose)
                Assert.Fail($"{what}: element {i} is {actual[i]:G9}, not {expected[i]:G9}{(tolerance == 0 ? " to the bit" : "")}");
        }
    }

    private float[] Run(Func<KernelContext, Kernel> create, int gap, int threads, int? inPlaceOf)
    {
        var inputs = new List<TensorView>(Inputs);
        TensorView output;
        if (inPlaceOf is { } operand)
        {
            // A copy, so that the operand survives for the next run.
            output = Allocate(OutputShape, 0);
            for (var e = 0; e < OutputShape.ElementCount; e++)
                Element(output, e) = Element(Inputs[operand], e);
            inputs[operand] = output;
        }
        else
        {
            output = Allocate(OutputShape, gap);
            for (var i = 0; i < OutputShape.Pixels * output.PixelStride; i++)
                output.Floats[i] = Poison;
        }

        var kernel = create(new KernelContext(Node, inputs, output));
        if (!_pools.TryGetValue(threads, out var pool))
            _pools[threads] = pool = new WorkerPool(threads);
        using (kernel as IDisposable)
        {
            kernel.Prepare();
            pool.Reserve(kernel);
            pool.Run(kernel);
        }

        var channels = OutputShape.Channels;
        for (var p = 0; p < OutputShape.Pixels; p++)
        {
            for (var c = channels; c < output.PixelStride; c++)
                Assert.Equal(Poison, output.Floats[(p * output.PixelStride) + c]);
        }

        return [.. Enumerable.Range(0, OutputShape.ElementCount).Select(e => Element(output, e))];
    }

    private TensorView Allocate(Shape shape, int gap)
    {
        var stride = shape.Channels + gap;
        var buffer = new NativeBuffer((long)shape.Pixels * stride * sizeof(float));
        _buffers.Add(buffer);
        return new TensorView(buffer.Address, ElementType.Float32, shape, stride, null);
    }
}
