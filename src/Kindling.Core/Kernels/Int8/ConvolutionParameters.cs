using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Kernels.Int8;

/// <summary>What a convolution or fully connected layer needs besides its weights: bias, factor and range of every output channel.</summary>
internal sealed class ConvolutionParameters
{
    private ConvolutionParameters(KernelContext context, int channels, Activation activation, bool isDense)
    {
        var input = context.Inputs[0].Quantization!;
        var weights = context.Inputs[1].Quantization!;
        var output = context.Output.Quantization!;
        Arithmetic = context.Arithmetic;
        Factors = Arithmetic == Int8Arithmetic.Xnnpack
            ? [.. XnnpackArithmetic.ConvolutionScales(input, weights, output, channels).Select(Requantizer.Single)]
            : [.. (isDense
                ? QuantizedArithmetic.DenseMultipliers(input, weights, output, channels)
                : QuantizedArithmetic.ConvolutionMultipliers(input, weights, output, channels)).Select(Requantizer.Fixed)];
        Bias = context.Inputs.Count > 2 ? context.Node.Inputs[2].Constant!.AsSpan<int>().ToArray() : new int[channels];
        InputZeroPoint = input.ZeroPoint;
        LargestSum = (context.Inputs[1].Shape.ElementCount / channels * 255L * 128) + Bias.Max(b => Math.Abs((long)b));
        OutputZeroPoint = output.ZeroPoint;
        (Min, Max) = QuantizedArithmetic.ActivationRange(activation, output);
    }

    /// <summary>The family all factors belong to.</summary>
    public Int8Arithmetic Arithmetic { get; }

    /// <summary>Factor from accumulator to output, one a channel.</summary>
    public Requantizer[] Factors { get; }

    /// <summary>Seed of the accumulator, one a channel.</summary>
    public int[] Bias { get; }

    /// <summary>No accumulator, finished or not, can be further from 0.</summary>
    public long LargestSum { get; }

    /// <summary>Subtracted from every input.</summary>
    public int InputZeroPoint { get; }

    /// <summary>Added to every output.</summary>
    public int OutputZeroPoint { get; }

    /// <summary>Smallest output.</summary>
    public int Min { get; }

    /// <summary>Largest output.</summary>
    public int Max { get; }

    /// <summary>Checks a layer's types and quantization and computes its parameters; null when it is not an int8 layer.</summary>
    /// <exception cref="GraphException">A scale is missing, or the weights are not symmetric, not constant or quantized along another axis.</exception>
    public static ConvolutionParameters? Create(KernelContext context, int channelAxis, Activation activation)
    {
        var node = context.Node;
        var isInt8 = context.Inputs[0].Type == ElementType.Int8 && context.Inputs[1].Type == ElementType.Int8
            && context.Output.Type == ElementType.Int8 && (context.Inputs.Count < 3 || context.Inputs[2].Type == ElementType.Int32);
        if (!isInt8)
            return null;
        Int8Kernels.RequireQuantization(context);
        if (node.Inputs.Skip(1).Any(i => !i.IsConstant))
            throw new GraphException($"{node.Name} ({node.Operator.Kind}): weights and bias must be constants");
        var weights = context.Inputs[1].Quantization
            ?? throw new GraphException($"{node.Name} ({node.Operator.Kind}): weights {node.Inputs[1].Name} have no scale");
        var shape = context.Inputs[1].Shape;
        var channels = shape[channelAxis];
        if (weights.IsPerChannel && (weights.Axis != channelAxis || weights.Scales.Count != channels))
        {
            throw new GraphException($"{node.Name} ({node.Operator.Kind}): weights {shape} have {weights.Scales.Count} scales "
                + $"along axis {weights.Axis}; one scale, or {channels} along axis {channelAxis}, are allowed");
        }

        if (weights.ZeroPoints.Any(z => z != 0))
            throw new GraphException($"{node.Name} ({node.Operator.Kind}): the zero point of int8 weights must be 0");
        return new ConvolutionParameters(context, channels, activation, node.Operator is Dense);
    }

    /// <summary>The output that belongs to a finished sum.</summary>
    public sbyte Output(int accumulator, int channel) =>
        (sbyte)Math.Clamp(Factors[channel].Apply(accumulator) + OutputZeroPoint, Min, Max);
}
