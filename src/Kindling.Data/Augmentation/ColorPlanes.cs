namespace Kindling.Data.Augmentation;

/// <summary>Red, green and blue of an image, each in one piece of the calling thread's scratch memory (slot 1).</summary>
internal readonly ref struct ColorPlanes
{
    private readonly Span<float> _planes;
    private readonly int _red;

    private ColorPlanes(Span<float> planes, int red)
    {
        _planes = planes;
        _red = red;
    }

    public Span<float> Red => _planes[..Count];

    public Span<float> Green => _planes.Slice(Count, Count);

    public Span<float> Blue => _planes[(2 * Count)..];

    private int Count => _planes.Length / 3;

    /// <summary>Takes an interleaved image of three channels apart.</summary>
    public static ColorPlanes Split(ReadOnlySpan<float> values, ImageDomain domain)
    {
        var planes = new ColorPlanes(ScratchBuffer.Floats(1, values.Length), domain.Red);
        Span<float> r = planes.Red, g = planes.Green, b = planes.Blue;
        for (int p = 0, i = 0; p < r.Length; p++, i += 3)
            (r[p], g[p], b[p]) = (values[i + domain.Red], values[i + 1], values[i + 2 - domain.Red]);
        return planes;
    }

    /// <summary>Puts the image together again.</summary>
    public void Merge(Span<float> values)
    {
        Span<float> r = Red, g = Green, b = Blue;
        for (int p = 0, i = 0; p < r.Length; p++, i += 3)
            (values[i + _red], values[i + 1], values[i + 2 - _red]) = (r[p], g[p], b[p]);
    }
}
