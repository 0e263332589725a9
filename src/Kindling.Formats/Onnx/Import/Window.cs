using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>Kernel, stride, dilation and padding of a convolution or pool as the file states them.</summary>
/// <param name="Kernel">The window.</param>
/// <param name="Stride">Its step.</param>
/// <param name="Dilation">Distance between its taps.</param>
/// <param name="Padding">Explicit padding, without what ceil_mode adds.</param>
/// <param name="Ceil">Rows and columns ceil_mode adds below and to the right.</param>
internal readonly record struct Window(Size2D Kernel, Size2D Stride, Size2D Dilation, Padding Padding, Padding Ceil)
{
    /// <summary>Padding with what ceil_mode adds.</summary>
    public Padding Whole => new(Padding.Top, Padding.Left, Padding.Bottom + Ceil.Bottom, Padding.Right + Ceil.Right);

    /// <summary>Reads the attributes of a node.</summary>
    public static Window Read(OnnxNode node, Shape image, Size2D kernel)
    {
        var input = new Size2D(image.Height, image.Width);
        var stride = Size(node.Window("strides", 2, 1, 1));
        var dilation = Size(node.Window("dilations", 2, 1, 1));
        var pads = node.Window("pads", 4, 0, 0);
        var padding = new Padding(pads[0], pads[1], pads[2], pads[3]);
        var same = Padding.Same(input, kernel, stride, dilation);
        switch (node.Text("auto_pad", "NOTSET"))
        {
            case "SAME_UPPER":
                return new Window(kernel, stride, dilation, same, default);
            case "SAME_LOWER":
                return new Window(kernel, stride, dilation, new Padding(same.Bottom, same.Right, same.Top, same.Left), default);
            case "VALID":
                padding = default;
                break;
            case "" or "NOTSET":
                break;
            case var other:
                throw node.Fault($"auto_pad is \"{other}\"; allowed are NOTSET, SAME_UPPER, SAME_LOWER and VALID");
        }

        var ceil = node.Int("ceil_mode", 0) == 0
            ? default
            : new Padding(
                0, 0,
                Extra(input.Height, padding.Top, padding.Bottom, kernel.Height, stride.Height, dilation.Height),
                Extra(input.Width, padding.Left, padding.Right, kernel.Width, stride.Width, dilation.Width));
        return new Window(kernel, stride, dilation, padding, ceil);
    }

    /// <summary>kernel_shape of a pool.</summary>
    public static Size2D KernelShape(OnnxNode node)
    {
        if (node.Ints("kernel_shape") is null)
            throw node.Fault("kernel_shape is missing");
        return Size(node.Window("kernel_shape", 2, 1, 1));
    }

    private static Size2D Size(int[] pair) => new(pair[0], pair[1]);

    // A last window that would begin beyond the image and its leading padding does not count.
    private static int Extra(int input, int before, int after, int kernel, int stride, int dilation)
    {
        var span = ((kernel - 1) * dilation) + 1;
        var room = input + before + after - span;
        if (room < 0 || room % stride == 0)
            return 0;
        var last = ((room / stride) + 1) * stride;
        return last >= input + before ? 0 : last - room;
    }
}
