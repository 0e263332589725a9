namespace Kindling.Quantization.Estimators;

/// <summary>The ways to choose an activation's range.</summary>
public enum CalibrationMethod
{
    /// <summary>Smallest and largest value (<see cref="MinMaxEstimator"/>).</summary>
    MinMax,

    /// <summary>Mean of the images' smallest and largest values (<see cref="MovingAverageEstimator"/>).</summary>
    MovingAverage,

    /// <summary>All but a small share of the values (<see cref="PercentileEstimator"/>).</summary>
    Percentile,

    /// <summary>The distribution that loses the least information (<see cref="EntropyEstimator"/>).</summary>
    Entropy,

    /// <summary>The smallest mean squared error (<see cref="MeanSquaredErrorEstimator"/>).</summary>
    MeanSquaredError,
}

/// <summary>The estimators by name.</summary>
public static class CalibrationMethods
{
    /// <summary>The method's estimator with its usual settings.</summary>
    public static IRangeEstimator Estimator(this CalibrationMethod method) => method switch
    {
        CalibrationMethod.MinMax => new MinMaxEstimator(),
        CalibrationMethod.MovingAverage => new MovingAverageEstimator(),
        CalibrationMethod.Percentile => new PercentileEstimator(),
        CalibrationMethod.Entropy => new EntropyEstimator(),
        CalibrationMethod.MeanSquaredError => new MeanSquaredErrorEstimator(),
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };

    /// <summary>The method's name on the command line and in configurations: <c>minmax</c>, <c>moving-average</c>, <c>percentile</c>, <c>entropy</c>, <c>mse</c>.</summary>
    public static string Name(this CalibrationMethod method) => method switch
    {
        CalibrationMethod.MinMax => "minmax",
        CalibrationMethod.MovingAverage => "moving-average",
        CalibrationMethod.Percentile => "percentile",
        CalibrationMethod.Entropy => "entropy",
        CalibrationMethod.MeanSquaredError => "mse",
        _ => throw new ArgumentOutOfRangeException(nameof(method)),
    };
}
