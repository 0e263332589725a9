using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>In which order the C kernels read and write, and so how an output may lie over an input that dies.</summary>
internal sealed class AccessOrder(ConvolutionLayouts layouts)
{
    // kindling_conv2d_s8 reads the windows of four pixels before it writes the four.
    private const int ConvolutionGroup = 4;

    /// <summary>How the output of a node may lie over an input, or null where the kernel knows no order.</summary>
    public OverlapRule? Rule(Node node, Value input)
    {
        if (!ReferenceEquals(node.Inputs[0], input) || input.Shape.Rank != 4 || node.Output.Shape.Rank != 4 || input.Type != ElementType.Int8
            || node.Inputs.Count(i => ReferenceEquals(i, input)) != 1)
            return null;
        var weights = node.Inputs.ElementAtOrDefault(1)?.Shape;
        return node.Operator switch
        {
            Conv2D conv when layouts.Convolution(node) is not null =>
                InOrder(node, new Size2D(weights![1], weights[2]), conv.Stride, conv.Padding, conv.Dilation, ConvolutionGroup),
            Conv2D conv => InOrder(node, new Size2D(weights![1], weights[2]), conv.Stride, conv.Padding, conv.Dilation, 0),
            DepthwiseConv2D conv when layouts.Depthwise(node) is not null => ChannelByChannel(node, conv, weights![0]),
            DepthwiseConv2D conv => InOrder(node, new Size2D(weights![0], weights[1]), conv.Stride, conv.Padding, conv.Dilation, 0),
            MaxPool2D pool => InOrder(node, pool.Kernel, pool.Stride, pool.Padding, 1, 0),
            AveragePool2D pool => InOrder(node, pool.Kernel, pool.Stride, pool.Padding, 1, 0),
            _ => null,
        };
    }

    // Output pixels are written one after the other. A group is written after all its windows were read; 0: a pixel is written while its window
    // is being read.
    private static OverlapRule InOrder(Node node, Size2D kernel, Size2D stride, Padding padding, Size2D dilation, int group)
    {
        var (input, output) = (node.Inputs[0].Shape, node.Output.Shape);
        var pixels = output.Height * output.Width;
        // The lowest byte that is read for this pixel or a later one.
        var lowest = new long[pixels + 1];
        lowest[pixels] = long.MaxValue;
        for (var p = pixels - 1; p >= 0; p--)
        {
            var row = FirstInside((p / output.Width * stride.Height) - padding.Top, dilation.Height, kernel.Height, input.Height);
            var column = FirstInside((p % output.Width * stride.Width) - padding.Left, dilation.Width, kernel.Width, input.Width);
            lowest[p] = row < 0 || column < 0 ? lowest[p + 1] : Math.Min(lowest[p + 1], (((long)row * input.Width) + column) * input.Channels);
        }

        var distance = -node.Inputs[0].Bytes - node.Output.Bytes;
        for (var p = 0; p < pixels; p += Math.Max(group, 1))
        {
            var end = Math.Min(p + Math.Max(group, 1), pixels);
            var unread = lowest[group == 0 ? p : end];
            if (unread != long.MaxValue)
                distance = Math.Max(distance, ((long)end * output.Channels) - unread);
        }

        return new OverlapRule(distance);
    }

    private static int FirstInside(int origin, int dilation, int taps, int size)
    {
        for (var tap = 0; tap < taps; tap++)
        {
            var at = origin + (tap * dilation);
            if (at >= 0 && at < size)
                return at;
        }

        return -1;
    }

    // kindling_depthwise_conv2d_s8 takes two channels of the whole image at a time: over the same channels of the same pixels it may write, if no
    // row is overwritten that is not yet in scratch.
    private static OverlapRule? ChannelByChannel(Node node, DepthwiseConv2D conv, int windowHeight)
    {
        var (input, output) = (node.Inputs[0].Shape, node.Output.Shape);
        for (var y = 1; y < output.Height; y++)
        {
            var unread = Math.Max(0, (y * conv.Stride.Height) - conv.Padding.Top + windowHeight - conv.Stride.Height);
            if (unread < input.Height && (long)y * output.Width > (long)unread * input.Width)
                return null;
        }

        return new OverlapRule(0, OnlyTogether: true);
    }
}
