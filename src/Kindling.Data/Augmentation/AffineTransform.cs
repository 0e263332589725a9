namespace Kindling.Data.Augmentation;

/// <summary>Maps a position of the output to one of the input: x' = A x + B y + C, y' = D x + E y + F, in pixels with centres at whole numbers.</summary>
internal readonly record struct AffineTransform(double A, double B, double C, double D, double E, double F)
{
    public static AffineTransform Identity { get; } = new(1, 0, 0, 0, 1, 0);

    /// <summary>A linear map about the image's centre.</summary>
    public static AffineTransform AboutCentre(double a, double b, double d, double e, int height, int width)
    {
        double x = (width - 1) / 2.0, y = (height - 1) / 2.0;
        return new AffineTransform(a, b, x - (a * x) - (b * y), d, e, y - (d * x) - (e * y));
    }

    /// <summary>The map of an image altered by this transform first and by <paramref name="next"/> after it.</summary>
    public AffineTransform Then(in AffineTransform next) => new(
        (A * next.A) + (B * next.D),
        (A * next.B) + (B * next.E),
        (A * next.C) + (B * next.F) + C,
        (D * next.A) + (E * next.D),
        (D * next.B) + (E * next.E),
        (D * next.C) + (E * next.F) + F);
}
