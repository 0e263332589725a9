using System.Runtime.InteropServices;

namespace Kindling.Kernels.Int8.Emitted;

/// <summary>What a tile reads and writes; emitted code knows the fields by their place, all 8 bytes wide.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DotTileArguments
{
    /// <summary>The first tap of the first pixel's window.</summary>
    public byte* Input;

    /// <summary>Bytes from one pixel's window to the next one's.</summary>
    public nint PixelStep;

    /// <summary>For each run of taps how many bytes after the window's first tap it begins.</summary>
    public nint* Segments;

    /// <summary>Runs in a window, at least 1.</summary>
    public nint SegmentCount;

    /// <summary>Quads of taps in a run, at least 1; the input is read to the last quad's end.</summary>
    public nint Quads;

    /// <summary>Weights, <c>[segments][quads][vectors][16 channels][4 taps]</c>.</summary>
    public sbyte* Weights;

    /// <summary>Seeds of the sums, <c>[vectors][16 channels]</c>.</summary>
    public int* Bias;

    /// <summary>Finished sums, <c>[pixels][vectors][16 channels]</c>.</summary>
    public int* Sums;
}
