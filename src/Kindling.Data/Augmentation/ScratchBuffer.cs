namespace Kindling.Data.Augmentation;

/// <summary>Memory of the calling thread that is used again for every image.</summary>
internal static class ScratchBuffer
{
    [ThreadStatic]
    private static float[]?[]? _buffers;

    /// <summary>Values with any contents; two callers that are alive at once take different slots.</summary>
    /// <param name="slot">From 0 to 4; 0 and 4 are the pipeline's own.</param>
    /// <param name="length">Values wanted.</param>
    public static Span<float> Floats(int slot, int length)
    {
        float[]?[] buffers = _buffers ??= new float[]?[5];
        if (buffers[slot] is not { } buffer || buffer.Length < length)
            buffers[slot] = buffer = new float[length];
        return buffer.AsSpan(0, length);
    }
}
