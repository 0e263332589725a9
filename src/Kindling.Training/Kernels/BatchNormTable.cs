using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>The per-channel numbers of one batch normalization, each row repeated to the channel pattern's length.</summary>
internal readonly unsafe struct BatchNormTable(TensorView view)
{
    /// <summary>Rows of the table.</summary>
    public const int Rows = 7;

    private int Length => view.Shape[1];

    /// <summary>Mean of the batch.</summary>
    public float* Mean => view.Floats;

    /// <summary>1 / sqrt(variance + epsilon).</summary>
    public float* InverseDeviation => view.Floats + Length;

    /// <summary>gamma / sqrt(variance + epsilon).</summary>
    public float* Scale => view.Floats + (2 * Length);

    /// <summary>beta - mean * scale.</summary>
    public float* Shift => view.Floats + (3 * Length);

    /// <summary>Factor of the output's gradient in the input's.</summary>
    public float* GradientFactor => view.Floats + (4 * Length);

    /// <summary>Factor of the input in its own gradient.</summary>
    public float* InputFactor => view.Floats + (5 * Length);

    /// <summary>Summand of the input's gradient.</summary>
    public float* Summand => view.Floats + (6 * Length);

    /// <summary>Writes a channel's number to all its places in a row.</summary>
    public void Set(float* row, int channel, int channels, float value)
    {
        for (var i = channel; i < Length; i += channels)
            row[i] = value;
    }
}
