using System.Runtime.Intrinsics;

namespace Kindling.Kernels.Float.Simd;

/// <summary>Which registers the kernels use.</summary>
internal enum VectorWidth
{
    /// <summary>One float.</summary>
    Scalar = 1,

    /// <summary>4 floats: SSE, NEON.</summary>
    Bits128 = 4,

    /// <summary>8 floats: AVX2.</summary>
    Bits256 = 8,

    /// <summary>16 floats: AVX-512.</summary>
    Bits512 = 16,
}

/// <summary>Choosing the register width.</summary>
internal static class VectorWidths
{
    /// <summary>The widest registers this machine works with at full speed.</summary>
    public static VectorWidth Best =>
        Vector512.IsHardwareAccelerated ? VectorWidth.Bits512
        : Vector256.IsHardwareAccelerated ? VectorWidth.Bits256
        : VectorWidth.Bits128;

    /// <summary>The widest registers that a number of channels fills.</summary>
    public static VectorWidth Fitting(this VectorWidth most, int channels)
    {
        foreach (var width in (ReadOnlySpan<VectorWidth>)[VectorWidth.Bits512, VectorWidth.Bits256, VectorWidth.Bits128])
        {
            if (width <= most && channels >= (int)width)
                return width;
        }

        return VectorWidth.Scalar;
    }
}
