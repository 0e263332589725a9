namespace Kindling.Data.Augmentation;

/// <summary>The source positions of one output row: x' = A x + C, y' = D x + F.</summary>
internal readonly record struct RowMap(float A, float C, float D, float F)
{
    public float X(int x) => (A * x) + C;

    public float Y(int x) => (D * x) + F;

    /// <summary>
    /// The columns [Start, End) whose position and its right and lower neighbours lie in an image of this size. Rounding keeps the map monotone, so it is
    /// enough that both ends do.
    /// </summary>
    public (int Start, int End) Inside(int height, int width)
    {
        (double low, double high) = (0, width - 1);
        Narrow(A, C, width - 1, ref low, ref high);
        Narrow(D, F, height - 1, ref low, ref high);
        if (!(low <= high))
            return (0, 0);
        int start = (int)Math.Ceiling(low), end = (int)Math.Floor(high) + 1;
        while (start < end && !IsInside(start, height, width))
            start++;
        while (start < end && !IsInside(end - 1, height, width))
            end--;
        return start < end ? (start, end) : (0, 0);
    }

    private bool IsInside(int x, int height, int width) => X(x) >= 0 && X(x) < width - 1 && Y(x) >= 0 && Y(x) < height - 1;

    /// <summary>Keeps the x for which 0 &lt;= slope x + start &lt;= limit.</summary>
    private static void Narrow(float slope, float start, int limit, ref double low, ref double high)
    {
        if (slope == 0)
        {
            if (start < 0 || start > limit)
                low = double.PositiveInfinity;
            return;
        }

        double first = -start / (double)slope, second = (limit - start) / (double)slope;
        low = Math.Max(low, Math.Min(first, second));
        high = Math.Min(high, Math.Max(first, second));
    }
}
