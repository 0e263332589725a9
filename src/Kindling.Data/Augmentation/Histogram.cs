namespace Kindling.Data.Augmentation;

/// <summary>How often each of the 256 byte levels occurs in one channel of an image.</summary>
internal static class Histogram
{
    public const int Levels = 256;

    /// <summary>The byte level of a colour from 0 to 1.</summary>
    public static int Level(float value) => (int)((value * 255) + 0.5f);

    /// <summary>Counts the levels of a channel of interleaved colours from 0 to 1.</summary>
    public static void Count(ReadOnlySpan<float> values, int channel, int channels, Span<int> counts)
    {
        counts.Clear();
        for (int i = channel; i < values.Length; i += channels)
            counts[Level(values[i])]++;
    }
}
