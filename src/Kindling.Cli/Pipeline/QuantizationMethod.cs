using Kindling.Quantization;
using Kindling.Quantization.Estimators;
using Kindling.Tensors;

namespace Kindling.Cli.Pipeline;

/// <summary>How a network is to be quantized, in the words of the command line and the configuration.</summary>
internal sealed record QuantizationMethod
{
    /// <summary>Least squared error, equalization, adaptive rounding: what measured best without a search (docs/quantization.md).</summary>
    public const string Adaptive = "adaptive";

    /// <summary>The search over the cheap methods.</summary>
    public const string Auto = "auto";

    /// <summary>TFLite's own rules.</summary>
    public const string Tflite = "tflite";

    /// <summary>What can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Adaptive, Auto, Tflite, .. Enum.GetValues<CalibrationMethod>().Select(m => m.Name())];

    /// <summary>One of <see cref="Names"/>.</summary>
    public string Name { get; init; } = Adaptive;

    /// <summary>Values that percentile keeps, in percent.</summary>
    public double Percentile { get; init; } = PercentileEstimator.DefaultPercentile;

    /// <summary>One weight scale a layer instead of one for each output channel.</summary>
    public bool PerTensor { get; init; }

    /// <summary>Adds cross-layer equalization.</summary>
    public bool Equalize { get; init; }

    /// <summary>Adds bias correction.</summary>
    public bool BiasCorrection { get; init; }

    /// <summary>Adds adaptive rounding.</summary>
    public bool AdaptiveRounding { get; init; }

    /// <summary>Layers whose channels are split into pieces; null for none.</summary>
    public ChannelSplittingOptions? Splitting { get; init; }

    /// <summary>Epochs of quantization-aware fine-tuning; 0 for none.</summary>
    public int FineTuningEpochs { get; init; }

    /// <summary>Type of the input.</summary>
    public ElementType InputType { get; init; } = ElementType.UInt8;

    /// <summary>Type of the scores.</summary>
    public ElementType OutputType { get; init; } = ElementType.Float32;

    /// <summary>True when labelled photos apart from the calibration are needed to choose.</summary>
    public bool Searches => Name == Auto && FineTuningEpochs == 0;

    /// <summary>The element type of a word.</summary>
    public static ElementType TypeOf(string word) => word switch
    {
        "uint8" => ElementType.UInt8,
        "int8" => ElementType.Int8,
        _ => ElementType.Float32,
    };

    /// <summary>The options of the quantizer.</summary>
    public QuantizationOptions ToOptions(int threads)
    {
        var options = (Name == Tflite ? QuantizationOptions.Tflite : new QuantizationOptions()) with
        {
            InputType = InputType,
            OutputType = OutputType,
            PerChannel = !PerTensor,
            Equalize = Equalize || Name == Adaptive,
            BiasCorrection = BiasCorrection || Name == Adaptive,
            AdaptiveRounding = AdaptiveRounding || Name == Adaptive,
            Splitting = Splitting,
            Threads = threads,
        };
        if (Name == Adaptive)
            return options with { RangeEstimator = new MeanSquaredErrorEstimator() };
        var named = Enum.GetValues<CalibrationMethod>().Where(m => m.Name() == Name).ToList();
        return named.Count == 0 ? options : options with
        {
            RangeEstimator = named[0] == CalibrationMethod.Percentile ? new PercentileEstimator(Percentile) : named[0].Estimator(),
        };
    }
}
