using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;

namespace Kindling.Deployment.Generation.Operators;

/// <summary>MAX_POOL_2D and AVERAGE_POOL_2D, which share their description.</summary>
internal static class PoolEmitter
{
    public static void Emit(NetworkSource source, Node node, MaxPool2D pool) =>
        Emit(source, node, "kindling_max_pool_s8", pool.Kernel, pool.Stride, pool.Padding, pool.Activation, countsPadding: false);

    public static void Emit(NetworkSource source, Node node, AveragePool2D pool)
    {
        source.RequireContiguous(node.Output);
        Emit(source, node, "kindling_average_pool_s8", pool.Kernel, pool.Stride, pool.Padding, pool.Activation, pool.CountIncludesPadding);
    }

    private static void Emit(
        NetworkSource source, Node node, string kernel, Size2D window, Size2D stride, Padding padding, Activation activation, bool countsPadding)
    {
        var (input, output) = (node.Inputs[0], node.Output);
        var quantization = source.Int8(input);
        if (!quantization.Equals(source.Int8(output)))
            throw source.Fail("input and output must share scale and zero point");
        var isBeside = padding.Top >= window.Height || padding.Bottom >= window.Height || padding.Left >= window.Width || padding.Right >= window.Width;
        if (isBeside)
            throw source.Fail($"{padding} is not smaller than the {window} window");
        var (min, max) = QuantizedArithmetic.ActivationRange(activation, quantization);
        source.Describe(
            "kindling_pool2d",
            ("input", source.Image(input)),
            ("output", source.Image(output)),
            ("window", source.Window(window, stride, 1, padding)),
            ("activation_min", $"{min}"),
            ("activation_max", $"{max}"),
            ("zero_point", $"{quantization.ZeroPoint}"),
            ("count_includes_padding", countsPadding ? "1" : "0"));
        source.Call(kernel, $"{source.Layer}, {source.At(input)}, {source.At(output)}");
    }
}
