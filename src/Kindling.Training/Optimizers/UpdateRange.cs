namespace Kindling.Training.Optimizers;

/// <summary>A stretch of parameters to update: a multiple of 16 floats of each kind.</summary>
internal unsafe struct UpdateRange
{
    /// <summary>The parameters.</summary>
    public float* Weights;

    /// <summary>Their gradients.</summary>
    public float* Gradients;

    /// <summary>The optimizer's first number for each parameter.</summary>
    public float* First;

    /// <summary>The optimizer's second number for each parameter.</summary>
    public float* Second;

    /// <summary>Floats.</summary>
    public int Count;

    /// <summary>True when weight decay applies.</summary>
    public bool Decays;
}
