using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Shows a part of the image at full size (Szegedy et al. 2015).</summary>
internal sealed class RandomResizedCrop : GeometricAugmentation
{
    private const int Attempts = 10;

    private static readonly AugmentationParameter Area =
        new("area", AugmentationParameterKind.Range, "Share of the image's area that is shown; one number is that very share.")
        {
            Default = new[] { 0.25, 1.0 },
            Minimum = 0.01,
            Maximum = 1,
            Scalar = ScalarMeaning.Exactly,
        };

    private static readonly AugmentationParameter Ratio =
        new("wh_ratio", AugmentationParameterKind.Range, "Width of the part divided by its height, drawn so that a ratio and its inverse are equally likely.")
        {
            Default = new[] { 0.75, 4 / 3.0 },
            Minimum = 0.01,
            Maximum = 100,
            Scalar = ScalarMeaning.Exactly,
        };

    private readonly ValueRange _area;
    private readonly ValueRange _ratio;

    private RandomResizedCrop(AugmentationArguments arguments)
    {
        _area = arguments.Range(Area);
        _ratio = arguments.Range(Ratio);
        Options = WarpOptions.Read(arguments);
    }

    public static AugmentationFunction Function { get; } =
        new("random_resized_crop", "Cuts out a part of random area and shape and enlarges it to the whole image.", 1, [Area, Ratio, .. WarpOptions.Parameters], arguments => new RandomResizedCrop(arguments));

    public override AffineTransform Draw(ref RandomStream random, int height, int width)
    {
        (double w, double h) = (width, height);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = _area.Draw(ref random) * (double)width * height;
            double ratio = _ratio.Low == _ratio.High ? _ratio.Low : Math.Exp(random.NextSingle(MathF.Log(_ratio.Low), MathF.Log(_ratio.High)));
            (w, h) = (Math.Sqrt(area * ratio), Math.Sqrt(area / ratio));
            if (w <= width && h <= height)
                break;
        }

        (w, h) = (Math.Min(w, width), Math.Min(h, height));
        double left = random.NextSingle() * (width - w), top = random.NextSingle() * (height - h);
        // Half-pixel centres: output x lies at (x + 0.5) w / width of the part.
        double a = w / width, e = h / height;
        return new AffineTransform(a, 0, left + (0.5 * a) - 0.5, 0, e, top + (0.5 * e) - 0.5);
    }
}
