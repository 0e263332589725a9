using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;
using Kindling.Kernels.Float.Reference;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Kernels.Float;

/// <summary>The float kernels by operator.</summary>
internal static class FloatKernels
{
    /// <summary>The kernel for a node whose activations are float32; null when there is none.</summary>
    public static Kernel? Create(KernelContext context, bool reference) =>
        reference ? CreateReference(context) : CreateFast(context, VectorWidths.Best);

    /// <summary>The vectorised kernel for registers of a certain width; null when there is none.</summary>
    public static Kernel? CreateFast(KernelContext context, VectorWidth width)
    {
        var (node, x, y) = (context.Node, context.Inputs[0], context.Output);
        return node.Operator switch
        {
            Conv2D op => new ConvFloat(
                x, y, ConvWeights.Forward(Parameter(node, 1)!, node.Inputs[1].Shape), Parameter(node, 2),
                new ConvSettings(op.Stride, op.Padding, op.Dilation, op.Activation), width),
            Dense op => new ConvFloat(
                x, y, ConvWeights.Dense(Parameter(node, 1)!, node.Inputs[1].Shape), Parameter(node, 2),
                ConvSettings.Pointwise with { Activation = op.Activation }, width),
            DepthwiseConv2D op => new DepthwiseFloat(
                x, y, new Size2D(node.Inputs[1].Shape[0], node.Inputs[1].Shape[1]), Parameter(node, 1)!, Parameter(node, 2),
                new ConvSettings(op.Stride, op.Padding, op.Dilation, op.Activation), width: width),
            MaxPool2D op => new PoolFloat<LargestPooling>(x, y, new PoolSettings(op.Kernel, op.Stride, op.Padding, op.Activation), width),
            AveragePool2D op => new PoolFloat<SumPooling>(
                x, y, new PoolSettings(op.Kernel, op.Stride, op.Padding, op.Activation, op.CountIncludesPadding), width),
            GlobalAveragePool => new GlobalAveragePoolFloat(x, y, width),
            Add op => new BinaryFloat<Sum>(x, context.Inputs[1], y, op.Activation, width),
            Multiply op => new BinaryFloat<Product>(x, context.Inputs[1], y, op.Activation, width),
            Clip op => new ClipFloat(x, y, op, width),
            Subtract => new SubtractReference(context),
            HardSwish => new MapReference(context, MapReference.HardSwish),
            LeakyRelu op => new MapReference(context, v => v > 0 ? v : op.Alpha * v),
            Sigmoid => new SigmoidFloat(x, y),
            Softmax op => new SoftmaxFloat(x, y, op.Beta),
            BatchNorm => new BatchNormFloat(context, width),
            Concat => new ConcatFloat(context, width),
            Pad op => new PadFloat(x, y, op.Padding),
            Reshape or Dropout => new CopyFloat(x, y),
            _ => null,
        };
    }

    private static ReferenceKernel? CreateReference(KernelContext context) => context.Node.Operator switch
    {
        Conv2D => new Conv2DReference(context),
        Dense => new DenseReference(context),
        DepthwiseConv2D => new DepthwiseConv2DReference(context),
        MaxPool2D => new MaxPool2DReference(context),
        AveragePool2D => new AveragePool2DReference(context),
        GlobalAveragePool => new GlobalAveragePoolReference(context),
        Add => new AddReference(context),
        Multiply => new MultiplyReference(context),
        Clip => new ClipReference(context),
        Subtract => new SubtractReference(context),
        HardSwish => new MapReference(context, MapReference.HardSwish),
        LeakyRelu op => new MapReference(context, v => v > 0 ? v : op.Alpha * v),
        Sigmoid => new SigmoidReference(context),
        Softmax => new SoftmaxReference(context),
        BatchNorm => new BatchNormReference(context),
        Concat => new ConcatReference(context),
        Pad => new PadReference(context),
        Reshape or Dropout => new CopyReference(context),
        _ => null,
    };

    private static FloatSource? Parameter(Node node, int input) =>
        node.Inputs.Count > input ? ConvWeights.SourceOf(node.Inputs[input]) : null;
}
