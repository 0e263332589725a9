using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation.Memory;

/// <summary>An operator of a stage: which rows of its input the rows of its output need.</summary>
/// <param name="Node">The node; null for rows of the network's input that come from outside.</param>
/// <param name="Input">The image under its windows; null where it has none.</param>
/// <param name="Second">The second image of ADD and MUL, row by row; null where there is none.</param>
/// <param name="Output">What it writes.</param>
/// <param name="WindowHeight">Rows under a window.</param>
/// <param name="StrideHeight">Rows from one window to the next.</param>
/// <param name="PadTop">Rows above the image.</param>
internal sealed record StagedOperator(Node? Node, Value? Input, Value? Second, Value Output, int WindowHeight, int StrideHeight, int PadTop)
{
    /// <summary>Rows it makes at a time.</summary>
    public int Block { get; init; } = 1;

    /// <summary>Rows it makes in all: not all of its image where the operators behind it leave some out.</summary>
    public int Rows { get; init; }

    /// <summary>Rows of the image it reads.</summary>
    public int InputHeight => (Input ?? Output).Shape.Height;

    /// <summary>True for a sum over the whole image, whose output is no image.</summary>
    public bool IsSum => Node?.Operator is GlobalAveragePool;

    /// <summary>The first row that the rows from <paramref name="made"/> on read; <see cref="int.MaxValue"/> when there are none.</summary>
    public int FirstNeeded(int made) => made >= Rows ? int.MaxValue : Math.Max(0, (made * StrideHeight) - PadTop);

    /// <summary>Behind the last row that the next <paramref name="rows"/> rows read.</summary>
    public int EndNeeded(int made, int rows) => Math.Min(InputHeight, (made * StrideHeight) - PadTop + ((rows - 1) * StrideHeight) + WindowHeight);

    /// <summary>A node as an operator of a stage, or null where it cannot run by rows.</summary>
    public static StagedOperator? Of(Node node)
    {
        var input = node.Inputs[0];
        if (input.IsConstant || input.Shape.Rank != 4 || input.Type.Size() != 1 || node.Output.Type.Size() != 1)
            return null;
        var weights = node.Inputs.ElementAtOrDefault(1);
        var isImage = node.Output.Shape.Rank == 4;
        return node.Operator switch
        {
            Conv2D conv => Windowed(weights!.Shape[1], conv.Stride, conv.Dilation, conv.Padding),
            DepthwiseConv2D conv => Windowed(weights!.Shape[0], conv.Stride, conv.Dilation, conv.Padding),
            MaxPool2D pool => Windowed(pool.Kernel.Height, pool.Stride, 1, pool.Padding),
            AveragePool2D pool => Windowed(pool.Kernel.Height, pool.Stride, 1, pool.Padding),
            GlobalAveragePool => new StagedOperator(node, input, null, node.Output, 1, 1, 0),
            Add or Multiply when isImage && weights!.Shape.Equals(input.Shape) =>
                weights.IsConstant || ReferenceEquals(weights, input) ? null : new StagedOperator(node, input, weights, node.Output, 1, 1, 0),
            Add or Multiply or Clip or Sigmoid or HardSwish or LeakyRelu or Quantize when isImage => new StagedOperator(node, input, null, node.Output, 1, 1, 0),
            _ => null,
        };

        StagedOperator Windowed(int taps, Size2D stride, Size2D dilation, Padding padding) =>
            new(node, input, null, node.Output, ((taps - 1) * dilation.Height) + 1, stride.Height, padding.Top);
    }
}
