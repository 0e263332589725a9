using System.Runtime.InteropServices;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>The weights of a depthwise convolution as <c>kindling_depthwise_conv2d_s8</c> reads them: channel by channel.</summary>
/// <param name="Weights">[channels][height][width].</param>
/// <param name="RowWords">Words of one widened row in scratch.</param>
/// <param name="Rounding">Biases and multipliers.</param>
internal sealed record PackedDepthwise(int[] Weights, int RowWords, FastRounding Rounding)
{
    /// <summary>Rows of the window.</summary>
    public required int Height { get; init; }

    /// <summary>Steps between windows.</summary>
    public required int Stride { get; init; }

    /// <summary>The shape of the output.</summary>
    public required Shape Output { get; init; }

    /// <summary>Bytes of the arena for the widened rows of two channels and the sums of a block of outputs.</summary>
    public long ScratchBytes(int blockRows) =>
        sizeof(int) * ((2L * (((blockRows - 1) * Stride) + Height) * RowWords) + ((long)blockRows * Output.Width) + 1);

    /// <summary>The most rows of outputs whose scratch is not larger; at least 1.</summary>
    public int BlockRows(long scratchBytes)
    {
        var rows = Output.Height;
        while (rows > 1 && ScratchBytes(rows) > scratchBytes)
            rows--;
        return rows;
    }

    /// <summary>The layout of a depthwise convolution, or null where only the plain kernel can compute it.</summary>
    public static PackedDepthwise? Create(Node node, DepthwiseConv2D conv)
    {
        var (input, weights, output) = (node.Inputs[0], node.Inputs[1], node.Output);
        if (!weights.IsConstant || weights.Type != ElementType.Int8 || weights.Shape.Rank != 3)
            return null;
        var (height, width, channels) = (weights.Shape[0], weights.Shape[1], weights.Shape[2]);
        var isKnown = height == width && height is 3 or 5 && conv.Dilation == 1 && conv.Stride.Height == conv.Stride.Width
            && conv.Stride.Width is 1 or 2 && channels % 2 == 0 && input.Shape.Channels == channels && output.Shape.Channels == channels;
        if (!isKnown)
            return null;
        var bytes = MemoryMarshal.Cast<byte, sbyte>(weights.Constant!.Bytes);
        var filters = new sbyte[channels][];
        for (var c = 0; c < channels; c++)
        {
            filters[c] = new sbyte[height * width];
            for (var tap = 0; tap < filters[c].Length; tap++)
                filters[c][tap] = bytes[(tap * channels) + c];
        }

        if (FastRounding.Create(node, conv.Activation, filters) is not { } rounding)
            return null;
        var outputs = (output.Shape.Width + 1) / 2 * 2;
        var rowWords = Math.Max((outputs * conv.Stride.Width / 2) + (width / 2), ((conv.Padding.Left + input.Shape.Width) / 2) + 1);
        return new PackedDepthwise([.. filters.SelectMany(f => f.Select(w => (int)w))], rowWords, rounding)
        {
            Height = height,
            Stride = conv.Stride.Height,
            Output = output.Shape,
        };
    }
}
