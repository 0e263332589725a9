using Kindling.Quantization.Estimators;
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

    /// <summary>Chooses the range of each activation.</summary>
    public IRangeEstimator RangeEstimator { get; init; } = new MinMaxEstimator();

    /// <summary>
    /// Gives the class scores before a closing softmax the part of their range that decides answers (7 nats beyond every second-best and
    /// below every best score), so that close classes do not tie.
    /// </summary>
    public bool NarrowScores { get; init; } = true;

    /// <summary>Scales channels between layers so that they use the range of their tensor alike (<see cref="CrossLayerEqualization"/>).</summary>
    public bool Equalize { get; init; }

    /// <summary>
    /// How far equalization brings the channels of an activation to one range at the expense of the weights behind it, from 0 to 1
    /// (<see cref="CrossLayerEqualization.Run"/>).
    /// </summary>
    public float EqualizationBalance { get; init; } = CrossLayerEqualization.DefaultBalance;

    /// <summary>Takes the mean error that quantization leaves in each channel of a layer out by its bias, layer by layer.</summary>
    public bool BiasCorrection { get; init; }

    /// <summary>Rounds each weight up or down so that its layer's outputs, not its weights, are nearest; corrects biases as well.</summary>
    public bool AdaptiveRounding { get; init; }

    /// <summary>Splits channels of layers into pieces of their range, which makes the network larger; null splits none.</summary>
    public ChannelSplittingOptions? Splitting { get; init; }

    /// <summary>Calibration images that bias correction and adaptive rounding look at, at most; fewer where activations are large.</summary>
    public int TuningImages { get; init; } = 256;

    /// <summary>TFLite's own rules: smallest and largest value, nearest rounding, no correction of any kind.</summary>
    public static QuantizationOptions Tflite { get; } = new() { CompensateInputZeroPoint = false, NarrowScores = false };

    internal bool Tunes => BiasCorrection || AdaptiveRounding;

    /// <summary>Threads; 0 takes one for each processor. The result is the same to the bit for any number.</summary>
    public int Threads { get; init; }

    internal void Check()
    {
        if (InputType is not (ElementType.Float32 or ElementType.UInt8 or ElementType.Int8))
            throw new KindlingException($"quantization input type is {InputType.Name()}; allowed are uint8, int8 and float32");
        if (EqualizationBalance is not (>= 0 and <= 1))
            throw new KindlingException($"the balance of equalization is {EqualizationBalance}; allowed is 0 to 1");
        Splitting?.Check();
        if (Splitting is not null && !PerChannel)
            throw new KindlingException("channels can be split only with one weight scale for each output channel: pieces have weights of different size");
        if (TuningImages < 1)
            throw new KindlingException($"quantization needs at least one image to tune layers on, not {TuningImages}");
        if (OutputType is not (ElementType.Float32 or ElementType.UInt8 or ElementType.Int8))
            throw new KindlingException($"quantization output type is {OutputType.Name()}; allowed are float32, int8 and uint8");
    }
}
