using Google.Protobuf;
using Kindling.Formats.Onnx.Schema;
using Kindling.Tensors;

namespace Kindling.Tests.Onnx;

/// <summary>A file being written for one opset, with extents and weights drawn from a seed.</summary>
internal sealed class OnnxDraft(int opset, int seed)
{
    private readonly Random _random = new(seed);
    private readonly OnnxFile _file = new OnnxFile(opset, IrOf(opset)).Output("y");

    public int Opset => opset;

    public long[] Dims { get; private set; } = [];

    public int Channels => (int)Dims[1];

    public int Height => (int)Dims[2];

    public int Width => (int)Dims[3];

    public byte[] Bytes => _file.Bytes;

    /// <summary>The IR version that came with an opset: 3 to 10.</summary>
    public static int IrOf(int opset) => opset switch
    {
        < 9 => 3,
        9 => 4,
        10 => 5,
        11 => 6,
        < 15 => 7,
        < 19 => 8,
        < 21 => 9,
        _ => 10,
    };

    /// <summary>A float as a tensor without dimensions, or a list.</summary>
    public static TensorProto Raw(float[] values)
    {
        var tensor = new TensorProto { DataType = 1 };
        if (values.Length > 1)
            tensor.Dims.Add(values.Length);
        tensor.FloatData.AddRange(values);
        return tensor;
    }

    public int Draw(int first, int end) => _random.Next(first, end);

    public float[] Input()
    {
        var random = new Random(seed + 1);
        return [.. Enumerable.Range(0, (int)Dims.Aggregate(1L, (product, d) => product * d)).Select(_ => (random.NextSingle() * 4) - 2)];
    }

    public OnnxDraft Image(int least = 2, int multiple = 1, bool channelsOnly = false)
    {
        var channels = multiple * Draw(1, 7);
        return Input([1, channelsOnly ? 1 : channels, Draw(least, least + 6), Draw(least, least + 6)]);
    }

    public OnnxDraft Row() => Input([1, Draw(2, 12)]);

    public OnnxDraft Random(string name, params ReadOnlySpan<int> dims)
    {
        _file.Random(name, dims);
        return this;
    }

    public OnnxDraft Half(string name, params ReadOnlySpan<int> dims)
    {
        var tensor = new TensorProto { Name = name, DataType = 10 };
        var count = 1;
        foreach (var d in dims)
        {
            tensor.Dims.Add(d);
            count *= d;
        }

        // Small integers over 4 are exact in half precision.
        var values = Enumerable.Range(0, count).Select(i => (Half)(((i * 7 % 9) - 4) / 4f)).ToArray();
        tensor.RawData = ByteString.CopyFrom([.. values.SelectMany(BitConverter.GetBytes)]);
        _file.Initializer(tensor);
        return this;
    }

    public OnnxDraft Floats(string name, int[] dims, params float[] values)
    {
        _file.Floats(name, dims, values);
        return this;
    }

    public OnnxDraft Longs(string name, int[] values)
    {
        _file.Initializer(name, Tensor.From<long>(new Shape(values.Length), [.. values.Select(v => (long)v)]));
        return this;
    }

    public OnnxDraft Node(string type, string inputs, string output, params (string Name, object Value)[] attributes)
    {
        _file.Node(type, inputs, output, attributes);
        return this;
    }

    public OnnxDraft Node(string type, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        _file.Node(type, inputs, outputs, attributes);
        return this;
    }

    /// <summary>What opset 1 wrote at the operators that might have worked in place.</summary>
    public (string, object)[] Consumed(string type) => opset < 6 && type != "Identity" ? [("consumed_inputs", (int[])[0])] : [];

    private OnnxDraft Input(long[] dims)
    {
        Dims = dims;
        _file.Input("x", dims);
        return this;
    }
}
