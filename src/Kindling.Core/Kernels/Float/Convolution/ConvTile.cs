namespace Kindling.Kernels.Float.Convolution;

/// <summary>
/// The work of one register tile: some pixels of one output row times one panel of weights. The sum of an output element runs over
/// lines, runs and their floats in order, whatever the tile's size: the bits do not depend on how work was cut.
/// </summary>
internal unsafe struct ConvTile
{
    /// <summary>The first tap of the first pixel.</summary>
    public byte* Input;

    /// <summary>Bytes from one output pixel's window to the next.</summary>
    public nint PixelStep;

    /// <summary>Bytes from one kernel row's taps to the next.</summary>
    public nint LineStep;

    /// <summary>Bytes from one contiguous run of taps to the next in a kernel row.</summary>
    public nint RunStep;

    /// <summary>Bytes of a run, at least 4.</summary>
    public nint RunBytes;

    /// <summary>Kernel rows.</summary>
    public int Lines;

    /// <summary>Runs in a kernel row.</summary>
    public int Runs;

    /// <summary>Weights <c>[taps][width of the panel]</c>.</summary>
    public float* Panel;

    /// <summary>What the sums start from: the bias, or the output itself when accumulating.</summary>
    public byte* Seed;

    /// <summary>Bytes from one pixel's seed to the next; 0 for the bias.</summary>
    public nint SeedStep;

    /// <summary>The first pixel's output.</summary>
    public byte* Output;

    /// <summary>Bytes from one output pixel to the next.</summary>
    public nint OutputStep;

    /// <summary>Smallest output.</summary>
    public float Min;

    /// <summary>Largest output.</summary>
    public float Max;
}
