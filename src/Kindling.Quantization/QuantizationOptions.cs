using Kindling.Tensors;

namespace Kindling.Quantization;

/// <summary>How a network is quantized.</summary>
public sealed record QuantizationOptions
{
    /// <summary>Type of the input: uint8, int8 or float32.</summary>
    public ElementType InputType { get; init; } = ElementType.UInt8;

    /// <summary>Type of the output: float32, int8 or uint8.</summary>
    public ElementType OutputType { get; init; } = ElementType.Float32;

    /// <summary>One weight scale for each output channel of a convolution; false takes one for each layer.</summary>
    public bool PerChannel { get; init; } = true;

    /// <summary>One weight scale for each output of a fully connected layer too; TFLite's converter takes one for the layer.</summary>
    public bool PerChannelDense { get; init; }

    /// <summary>
    /// Puts the part of a step by which the input's zero point had to be rounded into the bias of the first layer, where raw pixels are fed
    /// (see <see cref="Execution.InputEncoder"/>). Preprocessing with 1/127.5 and -1 has its zero at pixel 127.5; without this every
    /// pixel reads half a step too bright.
    /// </summary>
    public bool CompensateInputZeroPoint { get; init; } = true;

    /// <summary>Makes the estimator of one activation's range.</summary>
    public Func<IRangeEstimator> RangeEstimator { get; init; } = static () => new MinMaxEstimator();

    /// <summary>Threads of the calibration; 0 takes one for each processor. The result is the same to the bit for any number.</summary>
    public int Threads { get; init; }

    internal void Check()
    {
        if (InputType is not (ElementType.Float32 or ElementType.UInt8 or ElementType.Int8))
            throw new KindlingException($"quantization input type is {InputType.Name()}; allowed are uint8, int8 and float32");
        if (OutputType is not (ElementType.Float32 or ElementType.UInt8 or ElementType.Int8))
            throw new KindlingException($"quantization output type is {OutputType.Name()}; allowed are float32, int8 and uint8");
    }
}
