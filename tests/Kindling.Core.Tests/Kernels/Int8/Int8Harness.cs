using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Int8;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Kernels.Int8;

/// <summary>One quantized operator on memory of its own.</summary>
internal sealed unsafe class Int8Harness : IDisposable
{
    public const byte Poison = 0xA5;
    private readonly List<NativeBuffer> _buffers = [];
    private readonly Value[] _values;
    private readonly int _batch;

    /// <summary>Prepares an operator. Activations are random; shapes are for batch 1.</summary>
    public Int8Harness(Operator op, int batch, RandomStream random, Value[] inputs, ElementType type, Quantization? output)
    {
        _values = inputs;
        _batch = batch;
        Node = new Node("node", op, inputs, new Value("y", type, op.Infer("node", inputs), output));
        Inputs = [.. inputs.Select(i => Fill(i, random))];
    }

    public Node Node { get; }

    public IReadOnlyList<TensorView> Inputs { get; }

    /// <summary>How the kernels round.</summary>
    public Int8Arithmetic Arithmetic { get; init; }

    /// <summary>Lanes of the vector kernels this machine can run.</summary>
    public static IEnumerable<int> Lanes => new[] { 16, 8, 4 }.Where(l => l <= Conv2DKernelFactory.WidestLanes(channels: 1000));

    public static Value Activation(string name, Shape shape, Quantization quantization, ElementType type = ElementType.Int8) => new(name, type, shape, quantization);

    public static Value Weights(RandomStream random, Shape shape, int axis, bool isPerChannel)
    {
        var tensor = new Tensor(ElementType.Int8, shape);
        foreach (ref var w in tensor.AsSpan<sbyte>())
            w = (sbyte)(random.NextInt32(255) - 127);
        var scales = new float[isPerChannel ? shape[axis] : 1];
        foreach (ref var s in scales.AsSpan())
            s = MathF.Exp(random.NextSingle(-8, -2));
        return new Value("weights", tensor, new Quantization(scales, new int[scales.Length], axis));
    }

    public static Value Bias(RandomStream random, int count)
    {
        var tensor = new Tensor(ElementType.Int32, new Shape(count));
        foreach (ref var b in tensor.AsSpan<int>())
            b = random.NextInt32(40000) - 20000;
        return new Value("bias", tensor);
    }

    /// <summary>A constant or input with given elements.</summary>
    public void Set(int input, params ReadOnlySpan<sbyte> elements) => elements.CopyTo(new Span<sbyte>(Inputs[input].SBytes, elements.Length));

    /// <summary>The output of the kernel chosen for the node.</summary>
    public sbyte[] Run(bool reference, int gap = 0, int threads = 1) => Run(c => Int8Kernels.Create(c, reference)!, gap, threads);

    /// <summary>The output of a kernel; pixels <paramref name="gap"/> bytes apart, which must stay untouched.</summary>
    public sbyte[] Run(Func<KernelContext, Kernel> create, int gap = 0, int threads = 1)
    {
        var shape = Node.Output.Shape.WithBatch(Node.Output.Shape.Batch * _batch);
        var stride = shape.Channels + gap;
        using var memory = new NativeBuffer((long)shape.Pixels * stride * Node.Output.Type.Size());
        new Span<byte>(memory.Bytes, (int)memory.Length).Fill(Poison);
        var view = new TensorView(memory.Address, Node.Output.Type, shape, stride, Node.Output.Quantization);
        var kernel = create(new KernelContext(Node, Inputs, view) { Arithmetic = Arithmetic });
        using (kernel as IDisposable)
        using (var pool = new WorkerPool(threads))
        {
            kernel.Prepare();
            pool.Reserve(kernel);
            pool.Run(kernel);
        }

        var result = new sbyte[shape.ElementCount];
        for (var p = 0; p < shape.Pixels; p++)
        {
            for (var c = 0; c < stride; c++)
            {
                var value = memory.Bytes[(p * stride) + c];
                if (c < shape.Channels)
                    result[(p * shape.Channels) + c] = (sbyte)value;
                else
                    Assert.Equal(Poison, value);
            }
        }

        return result;
    }

    /// <summary>The float output of a kernel.</summary>
    public float[] RunToFloat()
    {
        var shape = Node.Output.Shape;
        using var memory = new NativeBuffer(Node.Output.Bytes);
        var kernel = Int8Kernels.Create(
            new KernelContext(Node, Inputs, new TensorView(memory.Address, Node.Output.Type, shape, shape.Channels, null)), reference: false)!;
        for (var i = 0; i < kernel.Chunks; i++)
            kernel.Run(i, null);
        return new Span<float>(memory.Floats, shape.ElementCount).ToArray();
    }

    public void Dispose() => _buffers.ForEach(b => b.Dispose());

    private TensorView Fill(Value value, RandomStream random)
    {
        var shape = value.IsConstant || value.Shape.Rank == 0 ? value.Shape : value.Shape.WithBatch(value.Shape.Batch * _batch);
        var buffer = new NativeBuffer((long)shape.ElementCount * value.Type.Size());
        _buffers.Add(buffer);
        var bytes = new Span<byte>(buffer.Bytes, (int)buffer.Length);
        if (value.IsConstant)
        {
            value.Constant!.Bytes.CopyTo(bytes);
        }
        else if (value.Type == ElementType.Float32)
        {
            for (var i = 0; i < shape.ElementCount; i++)
                buffer.Floats[i] = random.NextSingle(-4, 4);
        }
        else
        {
            foreach (ref var b in bytes)
                b = (byte)random.NextUInt64();
        }

        return new TensorView(buffer.Address, value.Type, shape, shape.Channels, value.Quantization);
    }
}
