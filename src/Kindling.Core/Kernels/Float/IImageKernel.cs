namespace Kindling.Kernels.Float;

/// <summary>An operator compiled for a few images that can be run on images anywhere in memory, by one thread: a stage of a larger kernel.</summary>
internal unsafe interface IImageKernel
{
    /// <summary>Bytes of scratch memory a run needs (64-byte aligned).</summary>
    int ScratchBytes { get; }

    /// <summary>Lays constants out again.</summary>
    void Prepare();

    /// <summary>Runs on the images at these addresses, laid out as the views the operator was compiled for.</summary>
    void Run(float* input, float* output, byte* scratch);
}
