namespace Kindling.Execution;

/// <summary>
/// Per-image standardisation as TensorFlow's <c>per_image_standardization</c> defines it: <c>(v - mean) / max(deviation, step / sqrt(n))</c> over all n values of a
/// photo, where step is what one grey level counts. The bound keeps a photo of a single colour at zero.
/// </summary>
public static class PhotoStandardization
{
    /// <summary>Standardises one photo in place.</summary>
    /// <param name="values">The rescaled photo, all pixels and channels; not empty.</param>
    /// <param name="step">The factor that pixels from 0 to 255 were multiplied with.</param>
    public static void Apply(Span<float> values, float step)
    {
        double sum = 0, squares = 0;
        foreach (var value in values)
            sum += value;
        var mean = (float)(sum / values.Length);
        foreach (var value in values)
            squares += (double)(value - mean) * (value - mean);
        var least = Math.Abs(step) / Math.Sqrt(values.Length);
        var factor = (float)(1 / Math.Max(Math.Sqrt(squares / values.Length), least));
        for (var i = 0; i < values.Length; i++)
            values[i] = (values[i] - mean) * factor;
    }
}
