namespace Kindling.Kernels.Float;

/// <summary>Copies pixels between memories whose pixels may lie further apart than their channels.</summary>
internal static unsafe class PixelCopy
{
    /// <summary>Copies <paramref name="pixels"/> pixels of <paramref name="channels"/> floats.</summary>
    public static void Copy(float* source, int sourceStride, float* target, int targetStride, int pixels, int channels)
    {
        if (sourceStride == channels && targetStride == channels)
        {
            Buffer.MemoryCopy(source, target, long.MaxValue, (long)pixels * channels * sizeof(float));
            return;
        }

        for (var p = 0; p < pixels; p++, source += sourceStride, target += targetStride)
            Buffer.MemoryCopy(source, target, long.MaxValue, (long)channels * sizeof(float));
    }
}
