using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Covers rectangles (random erasing, Zhong et al. 2017).</summary>
internal sealed class RandomRectangleErasing : PixelAugmentation
{
    private static readonly AugmentationParameter Count =
        new("nrec", AugmentationParameterKind.IntegerRange, "Rectangles an image; one number is that very count.")
        {
            Default = 1,
            Minimum = 0,
            Maximum = 1000,
            Scalar = ScalarMeaning.Exactly,
        };

    private static readonly AugmentationParameter Area =
        new("area", AugmentationParameterKind.Range, "Share of the image's area a rectangle covers.")
        {
            Default = new[] { 0.05, 0.4 },
            Minimum = 0,
            Maximum = 1,
            Scalar = ScalarMeaning.Exactly,
        };

    private static readonly AugmentationParameter Ratio =
        new("wh_ratio", AugmentationParameterKind.Range, "Width divided by height.")
        {
            Default = new[] { 0.3, 2.0 },
            Minimum = 0.01,
            Maximum = 100,
            Scalar = ScalarMeaning.Exactly,
        };

    private static readonly AugmentationParameter Mode =
        new("mode", AugmentationParameterKind.Choice, "Whether rectangles are drawn for each image or once for a batch.") { Default = "image", Choices = ["image", "batch"] };

    private readonly ValueRange _count;
    private readonly ValueRange _area;
    private readonly ValueRange _ratio;
    private readonly EraseFill _fill;
    private readonly bool _perBatch;

    private RandomRectangleErasing(AugmentationArguments arguments)
    {
        _count = arguments.IntegerRange(Count);
        _area = arguments.Range(Area);
        _ratio = arguments.Range(Ratio);
        _fill = EraseFill.Read(arguments);
        _perBatch = arguments.Choice(Mode) == "batch";
    }

    public static AugmentationFunction Function { get; } = new(
        "random_rectangle_erasing", "Covers rectangles.", 1, [Count, Area, Ratio, .. EraseFill.Parameters, Mode], arguments => new RandomRectangleErasing(arguments));

    public override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        int count = _count.Low == _count.High ? (int)_count.Low : _count.DrawInteger(ref _perBatch ? ref batch : ref random);
        for (int n = 0; n < count; n++)
        {
            PixelBox box = _perBatch ? DrawBox(domain, ref batch) : DrawBox(domain, ref random);
            _fill.Apply(values, domain, box, ref _perBatch ? ref batch : ref random);
        }
    }

    private PixelBox DrawBox(ImageDomain domain, ref RandomStream random)
    {
        float area = _area.Draw(ref random) * domain.Height * domain.Width, ratio = _ratio.Draw(ref random);
        int width = Math.Clamp((int)MathF.Round(MathF.Sqrt(area * ratio)), 1, domain.Width);
        int height = Math.Clamp((int)MathF.Round(MathF.Sqrt(area / ratio)), 1, domain.Height);
        return new PixelBox(random.NextInt32(domain.Height - height + 1), random.NextInt32(domain.Width - width + 1), height, width);
    }
}
