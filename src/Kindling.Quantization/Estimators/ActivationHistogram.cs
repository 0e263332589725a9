namespace Kindling.Quantization.Estimators;

/// <summary>
/// Counts of an activation's values in 2049 to 4096 bins over the whole range seen. Bins are multiples of a power of two and are joined in
/// pairs when the range grows, so the counts depend neither on the order of the images nor on how they were batched.
/// </summary>
public sealed class ActivationHistogram
{
    private const int Capacity = 4096;
    private const int SmallestExponent = -120;
    private long[] _counts = [];
    private long _first;
    private int _exponent = SmallestExponent;

    /// <summary>Bins from the smallest value's to the largest one's.</summary>
    public int Count => _counts.Length;

    /// <summary>Values counted.</summary>
    public long Total { get; private set; }

    /// <summary>Values in a bin.</summary>
    public long this[int bin] => _counts[bin];

    /// <summary>The lower end of a bin; of <see cref="Count"/> the upper end of the last.</summary>
    public double Edge(int bin) => Math.ScaleB(_first + bin, _exponent);

    /// <summary>The middle of a bin; 0 of the bin that begins at zero, for the zeros a ReLU leaves are exact.</summary>
    public double Center(int bin) => _first + bin == 0 ? 0 : Math.ScaleB(_first + bin + 0.5, _exponent);

    /// <summary>The bin of a value; outside 0 to below <see cref="Count"/> for values outside the range seen.</summary>
    public int BinOf(double value) => (int)(Math.Floor(Math.ScaleB(value, -_exponent)) - _first);

    /// <summary>Counts values.</summary>
    /// <param name="values">Finite values.</param>
    /// <param name="range">The smallest and largest of them, or a wider range.</param>
    internal void Observe(ReadOnlySpan<float> values, ActivationRange range)
    {
        Widen(range);
        var perUnit = Math.ScaleB(1, -_exponent);
        var counts = _counts;
        var first = _first;
        foreach (var value in values)
            counts[(long)Math.Floor(value * perUnit) - first]++;
        Total += values.Length;
    }

    private void Widen(ActivationRange range)
    {
        double low = range.Min;
        double high = range.Max;
        if (_counts.Length > 0)
        {
            low = Math.Min(low, Edge(0));
            high = Math.Max(high, Center(_counts.Length - 1));
        }

        var exponent = _exponent;
        while (Index(high) - Index(low) >= Capacity)
            exponent++;
        var first = (long)Index(low);
        var count = (long)Index(high) - first + 1;
        if (exponent == _exponent && first == _first && count == _counts.Length)
            return;
        var counts = new long[count];
        var shift = Math.Min(63, exponent - _exponent);
        for (var bin = 0; bin < _counts.Length; bin++)
            counts[((_first + bin) >> shift) - first] += _counts[bin];
        (_counts, _first, _exponent) = (counts, first, exponent);

        double Index(double value) => Math.Floor(Math.ScaleB(value, -exponent));
    }
}
