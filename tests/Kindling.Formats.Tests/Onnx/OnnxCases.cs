using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Tests.Onnx;

/// <summary>Small models as other programs write them: one peculiarity each.</summary>
internal static class OnnxCases
{
    /// <summary>A model and the extents of its input.</summary>
    /// <param name="Name">What it shows.</param>
    /// <param name="File">The model.</param>
    /// <param name="Dims">Extents of its input.</param>
    /// <param name="IsChannelsLast">True when the model takes images as we do.</param>
    /// <param name="Tolerance">The largest difference, as a share of the largest value.</param>
    /// <param name="HasInt8Products">True when ONNX Runtime multiplies uint8 by int8 weights in it.</param>
    public sealed record Case(
        string Name, OnnxFile File, long[] Dims, bool IsChannelsLast = false, float Tolerance = 1e-4f, bool HasInt8Products = false)
    {
        public float[] Input()
        {
            var random = new Random(Name.Length);
            return [.. Enumerable.Range(0, (int)Dims.Aggregate(1L, (product, d) => product * d)).Select(_ => (random.NextSingle() * 4) - 2)];
        }
    }

    public static IEnumerable<Case> All => Windows().Concat(Vectors()).Concat(Elements()).Concat(Shapes()).Concat(Quantized());

    /// <summary>Runs a graph on an input in ONNX's order and gives the answer in ONNX's order.</summary>
    public static float[] Run(Graph graph, float[] input, long[] dims, bool isChannelsLast)
    {
        var image = dims.Length == 4 && !isChannelsLast ? ChannelsLast(input, dims) : input;
        using var executor = Executor.Compile(graph, new ExecutorOptions { Threads = 1 });
        image.CopyTo(executor.Input<float>());
        executor.Run();
        var output = executor.Output<float>().ToArray();
        return isChannelsLast ? output : OnnxNetworks.ChannelsFirst<float>(output, graph.Outputs[0].Shape);
    }

    private static float[] ChannelsLast(float[] image, long[] dims)
    {
        var (channels, pixels) = ((int)dims[1], (int)(dims[2] * dims[3]));
        var result = new float[image.Length];
        for (var i = 0; i < image.Length; i++)
            result[(i % pixels * channels) + (i / pixels)] = image[i];
        return result;
    }

    private static OnnxFile File(int opset, params ReadOnlySpan<long> dims) => new OnnxFile(opset, opset < 9 ? 3 : 8).Input("x", dims).Output("y");

    private static IEnumerable<Case> Windows()
    {
        long[] image = [1, 4, 9, 8];
        OnnxFile Conv(int opset, int filters, int depth, params (string, object)[] attributes) =>
            File(opset, image).Random("w", filters, depth, 3, 2).Random("b", filters).Node("Conv", "x w b", "y", attributes);

        yield return new("conv SAME_UPPER", Conv(7, 5, 4, ("auto_pad", "SAME_UPPER"), ("strides", (int[])[2, 2])), image);
        yield return new("conv SAME_LOWER", Conv(9, 5, 4, ("auto_pad", "SAME_LOWER"), ("strides", (int[])[2, 3])), image);
        yield return new("conv VALID", Conv(11, 5, 4, ("auto_pad", "VALID"), ("kernel_shape", (int[])[3, 2])), image);
        yield return new("conv dilated", Conv(13, 5, 4, ("pads", (int[])[2, 1, 0, 1]), ("dilations", (int[])[2, 3])), image);
        yield return new("conv in groups", Conv(13, 6, 2, ("group", 2)), image);
        yield return new("conv of one channel a group", Conv(13, 4, 1, ("group", 4), ("pads", (int[])[1, 1, 1, 1])), image);
        yield return new("conv of two filters a channel", Conv(13, 8, 1, ("group", 4)), image);
        yield return new("conv without bias", File(17, image).Random("w", 3, 4, 1, 1).Node("Conv", "x w", "y"), image);
        foreach (var ceil in new[] { 0, 1 })
        {
            yield return new($"max pool ceil {ceil}", File(10, image).Node(
                "MaxPool", "x", "y", ("kernel_shape", (int[])[3, 3]), ("strides", (int[])[2, 2]), ("ceil_mode", ceil)), image);
            yield return new($"max pool padded ceil {ceil}", File(12, image).Node(
                "MaxPool", "x", "y", ("kernel_shape", (int[])[3, 2]), ("strides", (int[])[2, 3]), ("pads", (int[])[1, 0, 0, 1]), ("ceil_mode", ceil)), image);
            yield return new($"average pool ceil {ceil}", File(11, image).Node(
                "AveragePool", "x", "y", ("kernel_shape", (int[])[3, 3]), ("strides", (int[])[2, 2]), ("pads", (int[])[1, 1, 1, 1]), ("ceil_mode", ceil)), image);
        }

        yield return new("average pool counting", File(7, image).Node(
            "AveragePool", "x", "y", ("kernel_shape", (int[])[3, 3]), ("pads", (int[])[1, 1, 1, 1]), ("count_include_pad", 1)), image);
        yield return new("average pool SAME", File(19, image).Node(
            "AveragePool", "x", "y", ("kernel_shape", (int[])[3, 2]), ("strides", (int[])[2, 2]), ("auto_pad", "SAME_UPPER")), image);
        yield return new("global max", File(9, image).Node("GlobalMaxPool", "x", "y"), image);
        yield return new("pad 2", File(7, image).Node("Pad", "x", "y", ("pads", (int[])[0, 0, 1, 2, 0, 0, 3, 0])), image);
        yield return new("pad 11", File(12, image).Longs("p", 0, 0, 1, 2, 0, 0, 3, 0).Node("Pad", "x p", "y"), image);
        yield return new("pad some axes", File(18, image).Longs("p", 1, 2, 3, 0).Longs("axes", -2, 3).Node("Pad", "x p - axes", "y"), image);
    }

    private static IEnumerable<Case> Vectors()
    {
        long[] image = [1, 3, 4, 5];
        long[] row = [1, 6];
        yield return new("flatten and gemm", File(9, image).Random("w", 60, 7).Random("b", 7)
            .Node("Flatten", "x", "f").Node("Gemm", "f w b", "y", ("alpha", 0.5f), ("beta", 2f)), image);
        yield return new("gemm transposed", File(13, row).Random("w", 7, 6).Node("Gemm", "x w", "y", ("transB", 1)), row);
        yield return new("gemm with one summand", File(13, row).Random("w", 6, 7).Random("b", 1).Node("Gemm", "x w b", "y"), row);
        yield return new("matmul and add", File(13, row).Random("w", 6, 7).Random("b", 7).Node("MatMul", "x w", "m").Node("Add", "b m", "y"), row);
        yield return new("view from a shape", File(11, [0, 3, 4, 5]).Random("w", 7, 60).Random("b", 7)
            .Initializer("zero", Tensor.From<long>(Shape.Scalar, [0])).Longs("minus", -1)
            .Node("Shape", "x", "s").Node("Gather", "s zero", "n", ("axis", 0)).Node("Unsqueeze", "n", "u", ("axes", (int[])[0]))
            .Node("Concat", "u minus", "c", ("axis", 0)).Node("Reshape", "x c", "f").Node("Gemm", "f w b", "y", ("transB", 1)), image);
        yield return new("channels last and matmul", File(13, image).Random("w", 60, 7).Longs("s", -1, 60)
            .Node("Transpose", "x", "t", ("perm", (int[])[0, 2, 3, 1])).Node("Reshape", "t s", "f").Node("MatMul", "f w", "y"), image);
        yield return new("flattened, added, multiplied", File(13, image).Random("a", 60).Random("w", 60, 4)
            .Node("Flatten", "x", "f").Node("Add", "f a", "g").Node("Relu", "g", "h").Node("MatMul", "h w", "y"), image);
        foreach (var opset in new[] { 7, 9, 15 })
        {
            yield return new($"batch norm {opset}", File(opset, image).Random("s", 3).Random("b", 3).Random("m", 3).Random("var", 3)
                .Node("BatchNormalization", "x s b m var", "y", ("epsilon", 0.01f)), image);
        }

        yield return new("batch norm of a row", File(13, row).Random("s", 6).Random("b", 6).Random("m", 6).Random("var", 6)
            .Node("BatchNormalization", "x s b m var", "y"), row);
    }

    private static IEnumerable<Case> Elements()
    {
        long[] image = [1, 3, 4, 5];
        yield return new("clip 6", File(7, image).Node("Clip", "x", "y", ("min", -0.5f), ("max", 1f)), image);
        yield return new("clip 6 open", File(9, image).Node("Clip", "x", "y", ("min", 0f), ("max", float.MaxValue)), image);
        yield return new("clip 11", File(11, image).Floats("lo", [], 0.25f).Node("Clip", "x lo", "y"), image);
        yield return new("clip 13", File(13, image).Floats("hi", [], 0.25f).Node("Clip", "x - hi", "y"), image);
        yield return new("hard sigmoid", File(9, image).Node("HardSigmoid", "x", "y", ("alpha", 0.3f), ("beta", 0.4f)), image);
        yield return new("hard swish", File(14, image).Node("HardSwish", "x", "y"), image);
        yield return new("leaky", File(9, image).Node("LeakyRelu", "x", "y", ("alpha", 0.2f)), image);
        yield return new("sigmoid", File(13, image).Node("Sigmoid", "x", "y"), image);
        yield return new("x - c", File(13, image).Random("c", 3, 1, 1).Node("Sub", "x c", "y"), image);
        yield return new("c - x", File(13, image).Floats("c", [], 1.5f).Node("Sub", "c x", "y"), image);
        yield return new("x / c", File(13, image).Floats("c", [1, 3, 1, 1], 1.5f, 2f, -3f).Node("Div", "x c", "y"), image);
        yield return new("x + c for each pixel", File(13, image).Random("c", 4, 5).Node("Add", "x c", "y"), image);
        yield return new("x * c for each element", File(13, image).Random("c", 1, 3, 4, 5).Node("Mul", "c x", "y"), image);
        yield return new("x - f(x)", File(13, image).Node("Relu", "x", "r").Node("Sub", "x r", "y"), image);
        yield return new("sum of three", File(13, image).Node("Relu", "x", "r").Node("Sigmoid", "x", "s").Node("Sum", "x r s", "y"), image);
        yield return new("gate before image", File(13, image).Node("GlobalAveragePool", "x", "g").Node("Mul", "g x", "y"), image);
        yield return new("computed constant", File(13, image).Floats("a", [], 2f).Floats("b", [], 3f)
            .Node("Mul", "a b", "c").Node("Add", "x c", "y"), image);
    }

    private static IEnumerable<Case> Shapes()
    {
        long[] image = [1, 6, 4, 5];
        long[] last = [1, 4, 5, 3];
        yield return new("softmax 11 of pooled", File(11, image).Node("GlobalAveragePool", "x", "g").Node("Softmax", "g", "y"), image);
        yield return new("softmax 11 of everything", File(11, image).Node("Softmax", "x", "y"), image);
        yield return new("softmax 13 of channels", File(13, image).Node("Softmax", "x", "y", ("axis", 1)), image);
        yield return new("softmax 13 of a row", File(13, [1, 9]).Node("Softmax", "x", "y"), [1, 9]);
        yield return new("mean 13", File(13, image).Node("ReduceMean", "x", "y", ("axes", (int[])[2, 3]), ("keepdims", 0)), image);
        yield return new("mean 18", File(18, image).Longs("a", -1, -2).Node("ReduceMean", "x a", "y"), image);
        yield return new("squeeze 11", File(11, image).Node("GlobalAveragePool", "x", "g").Node("Squeeze", "g", "y", ("axes", (int[])[2, 3])), image);
        yield return new("squeeze 13", File(13, image).Longs("a", 2, 3).Node("GlobalAveragePool", "x", "g").Node("Squeeze", "g a", "y"), image);
        yield return new("unsqueeze and conv", File(13, [1, 6]).Longs("a", 2, 3).Random("w", 4, 6, 1, 1)
            .Node("Unsqueeze", "x a", "u").Node("Conv", "u w", "c").Node("Flatten", "c", "y"), [1, 6]);
        yield return new("dropout 7", File(9, image).Node("Dropout", "x", "y", ("ratio", 0.3f)), image);
        yield return new("dropout 12", File(13, image).Floats("r", [], 0.3f).Node("Dropout", "x r", "y"), image);
        yield return new("identity and constant", File(13, image).Node("Identity", "x", "i")
            .Node("Constant", "", "c", ("value_float", 2f)).Node("Mul", "i c", "y"), image);
        yield return new("concat along rows", File(13, image).Node("Relu", "x", "r").Node("Concat", "x r", "y", ("axis", 2)), image);
        yield return new("concat along channels", File(13, image).Node("Relu", "x", "r").Node("Concat", "r x r", "y", ("axis", -3)), image);
        yield return new("reshape of zeros and an open one", File(13, image).Longs("s", 0, 0, -1).Node("Relu", "x", "r")
            .Node("Reshape", "r s", "m").Node("ReduceMean", "m", "y", ("axes", (int[])[2]), ("keepdims", 0)), image);
        yield return new("tensorflow", File(13, last).Random("w", 4, 3, 3, 3).Random("d", 4, 5)
            .Node("Transpose", "x", "t", ("perm", (int[])[0, 3, 1, 2])).Node("Conv", "t w", "c", ("pads", (int[])[0, 0, 1, 1])).Node("Relu", "c", "r")
            .Node("Transpose", "r", "l", ("perm", (int[])[0, 2, 3, 1])).Node("ReduceMean", "l", "m", ("axes", (int[])[1, 2]), ("keepdims", 0))
            .Node("MatMul", "m d", "y"), last, true);
    }

    private static IEnumerable<Case> Quantized()
    {
        long[] image = [1, 4, 8, 8];
        OnnxFile Start(int opset) => File(opset, image).Floats("sx", [], 0.0158f).Initializer("zx", OnnxTensor<byte>(127))
            .Floats("s1", [], 0.0313f).Initializer("z0", OnnxTensor<byte>(0)).Initializer("zi", OnnxTensor<sbyte>(0)).Floats("sw", [], 0.004f)
            .Node("QuantizeLinear", "x sx zx", "xq").Node("DequantizeLinear", "xq sx zx", "xd");

        var weights = new sbyte[6 * 4 * 9];
        var random = new Random(3);
        for (var i = 0; i < weights.Length; i++)
            weights[i] = (sbyte)random.Next(-127, 128);
        var integers = Tensor.From<sbyte>(new Shape(6, 4, 3, 3), weights);
        var unsigned = Tensor.From<byte>(integers.Shape, [.. weights.Select(w => (byte)(w + 128))]);
        const float step = 0.03f;

        yield return new("QDQ conv, relu, pool", Start(13).Initializer("w", integers).Random("b", 6).Node("DequantizeLinear", "w sw zi", "wd")
            .Node("Conv", "xd wd b", "c").Node("Relu", "c", "r").Node("QuantizeLinear", "r s1 z0", "q").Node("DequantizeLinear", "q s1 z0", "d")
            .Node("MaxPool", "d", "y", ("kernel_shape", (int[])[2, 2])), image, Tolerance: step);
        yield return new("QDQ with weights quantized in the file", Start(13).Random("w", 6, 4, 3, 3).Node("QuantizeLinear", "w sw zi", "wq")
            .Node("DequantizeLinear", "wq sw zi", "wd").Node("Conv", "xd wd", "c").Node("QuantizeLinear", "c s1 zx", "q")
            .Node("DequantizeLinear", "q s1 zx", "y"), image, Tolerance: step);
        yield return new("QDQ around a sum only", Start(13).Node("Sigmoid", "x", "s").Node("Add", "xd s", "y"), image);
        yield return new("dequantized weights only", File(13, image).Initializer("w", integers).Floats("sw", [6], 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f)
            .Node("DequantizeLinear", "w sw", "wd", ("axis", 0)).Node("Conv", "x wd", "y"), image);
        yield return new("QLinearConv", Start(12).Initializer("w", integers)
            .Node("QLinearConv", "xq sx zx w sw zi s1 zx", "q", ("pads", (int[])[1, 1, 1, 1])).Node("DequantizeLinear", "q s1 zx", "y"), image, Tolerance: step, HasInt8Products: true);
        foreach (var channels in new[] { 1, 6 })
        {
            var scales = Enumerable.Range(1, channels).Select(i => i * 0.002f).ToArray();
            var zeros = Tensor.From<byte>(channels == 1 ? Shape.Scalar : new Shape(channels), Enumerable.Repeat((byte)128, channels).ToArray());
            yield return new($"QLinearConv of uint8 weights with {channels} scales", Start(12).Initializer("w", unsigned).Initializer("zw", zeros)
                .Floats("su", channels == 1 ? [] : [channels], scales)
                .Node("QLinearConv", "xq sx zx w su zw s1 zx", "q").Node("DequantizeLinear", "q s1 zx", "y"), image, Tolerance: step);
            yield return new($"QDQ of uint8 weights with {channels} scales", Start(13).Initializer("w", unsigned).Initializer("zw", zeros)
                .Floats("su", channels == 1 ? [] : [channels], scales).Node("DequantizeLinear", "w su zw", "wd", ("axis", 0))
                .Node("Conv", "xd wd", "c").Node("QuantizeLinear", "c s1 zx", "q").Node("DequantizeLinear", "q s1 zx", "y"), image, Tolerance: step);
        }

        yield return new("QLinearAdd and QLinearConcat", Start(12).Node("com.microsoft.QLinearAdd", "xq sx zx xq sx zx s1 zx", "a")
            .Node("com.microsoft.QLinearConcat", "s1 zx a s1 zx xq sx zx", "c", ("axis", 1)).Node("DequantizeLinear", "c s1 zx", "y"), image, Tolerance: step);
    }

    private static Tensor OnnxTensor<T>(T value)
        where T : unmanaged => Tensor.From<T>(Shape.Scalar, [value]);
}
