using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>The integer kernels by operator. All follow the arithmetic of <see cref="KernelContext.Arithmetic"/> to the bit.</summary>
internal static class Int8Kernels
{
    /// <summary>The kernel for a node with 8-bit activations, or between 8 bits and float; null when there is none.</summary>
    /// <exception cref="GraphException">The types fit but a scale or zero point is missing or not allowed; the message names the node.</exception>
    public static Kernel? Create(KernelContext context, bool reference) => context.Node.Operator switch
    {
        Conv2D op => ConvolutionParameters.Create(context, 0, op.Activation) is { } p
            ? reference ? new Conv2DReferenceKernel(context, op, p) : Conv2DKernelFactory.Create(context, op, p)
            : null,
        DepthwiseConv2D op => ConvolutionParameters.Create(context, 2, op.Activation) is { } p
            ? reference ? new DepthwiseConv2DReferenceKernel(context, op, p) : DepthwiseConv2DKernelFactory.Create(context, op, p)
            : null,
        Dense op => ConvolutionParameters.Create(context, 0, op.Activation) is { } p
            ? reference ? new DenseReferenceKernel(context, p) : Conv2DKernelFactory.CreateDense(context, p)
            : null,
        MaxPool2D op when IsInt8(context) =>
            reference ? new MaxPool2DReferenceKernel(SameScale(context), op) : new MaxPool2DKernel(SameScale(context), op),
        AveragePool2D op when IsInt8(context) => new AveragePool2DKernel(SameScale(context), op),
        GlobalAveragePool when IsInt8(context) => new MeanKernel(RequireQuantization(context)),
        Add op when IsInt8(context) => new AddKernel(RequireQuantization(context), op.Activation, isDifference: false),
        Subtract op when IsInt8(context) => new AddKernel(RequireQuantization(context), op.Activation, isDifference: true),
        HardSwish when IsInt8(context) => LookupKernel.HardSwish(RequireQuantization(context)),
        LeakyRelu op when IsInt8(context) => LookupKernel.LeakyRelu(RequireQuantization(context), op),
        Multiply op when IsInt8(context) => new MultiplyKernel(RequireQuantization(context), op),
        Concat op when Is8Bit(context) => new ConcatKernel(context, op),
        Pad op when Is8Bit(context) => new PadKernel(SameScale(context), op),
        Reshape or Dropout when Is8Bit(context) => new CopyKernel(SameScale(context)),
        Softmax op when IsInt8(context) => context.Arithmetic == Int8Arithmetic.Xnnpack
            ? new SoftmaxSingleKernel(RequireOutputOf256Steps(context), op)
            : new SoftmaxKernel(RequireOutputOf256Steps(context), op),
        Sigmoid when IsInt8(context) => LookupKernel.Logistic(RequireOutputOf256Steps(context)),
        Clip op when IsInt8(context) => LookupKernel.Clip(RequireQuantization(context), op),
        Quantize when Is8Bit(context) => LookupKernel.Requantize(RequireQuantization(context)),
        Quantize when context.Inputs[0].Type == ElementType.Float32 && context.Output.Type.IsQuantized() =>
            new QuantizeKernel(RequireQuantization(context)),
        Dequantize when context.Inputs[0].Type.IsQuantized() && context.Output.Type == ElementType.Float32 =>
            new DequantizeKernel(RequireQuantization(context)),
        _ => null,
    };

    /// <summary>Elements an element-by-element kernel takes at a time.</summary>
    internal const int ElementsPerChunk = 16384;

    /// <summary>Checks that every 8-bit input that is not a weight, and the output, has one scale.</summary>
    internal static KernelContext RequireQuantization(KernelContext context)
    {
        var node = context.Node;
        var isLayer = node.Operator is Conv2D or DepthwiseConv2D or Dense;
        foreach (var value in node.Inputs.Take(isLayer ? 1 : node.Inputs.Count).Append(node.Output).Where(v => v.Type.IsQuantized()))
        {
            if (value.Quantization is null)
                throw new GraphException($"{node.Name} ({node.Operator.Kind}): {value.Name} is {value.Type.Name()} but has no scale");
            if (value.Quantization.IsPerChannel)
                throw new GraphException($"{node.Name} ({node.Operator.Kind}): {value.Name} has {value.Quantization}; activations have one scale");
        }

        return context;
    }

    private static KernelContext SameScale(KernelContext context)
    {
        var node = context.Node;
        RequireQuantization(context);
        if (!Equals(node.Inputs[0].Quantization, node.Output.Quantization))
        {
            throw new GraphException($"{node.Name} ({node.Operator.Kind}): input ({node.Inputs[0].Quantization}) and output "
                + $"({node.Output.Quantization}) must have the same scale and zero point");
        }

        return context;
    }

    private static KernelContext RequireOutputOf256Steps(KernelContext context)
    {
        var node = context.Node;
        RequireQuantization(context);
        var output = node.Output.Quantization!;
        if (output.Scale != 1f / 256 || output.ZeroPoint != -128)
        {
            throw new GraphException($"{node.Name} ({node.Operator.Kind}): the int8 output must have scale 1/256 and zero point -128, "
                + $"not {output}");
        }

        return context;
    }

    private static bool IsInt8(KernelContext context) =>
        context.Inputs.All(i => i.Type == ElementType.Int8) && context.Output.Type == ElementType.Int8;

    private static bool Is8Bit(KernelContext context) =>
        context.Inputs.All(i => i.Type.IsQuantized()) && context.Output.Type.IsQuantized()
        && (context.Node.Operator is Quantize || context.Inputs.All(i => i.Type == context.Output.Type));
}
