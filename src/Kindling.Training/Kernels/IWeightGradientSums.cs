namespace Kindling.Training.Kernels;

/// <summary>Adds the weight and bias gradients of a few images, anywhere in memory, to sums.</summary>
internal unsafe interface IWeightGradientSums
{
    /// <summary>Bytes of scratch memory <see cref="Add"/> needs.</summary>
    int ScratchBytes { get; }

    /// <summary>Floats of the sums, which start as zeros.</summary>
    int SumFloats { get; }

    /// <summary>Adds the images at <paramref name="x"/> with the gradient at their output.</summary>
    void Add(float* x, float* dy, float* sums, byte* scratch);
}
