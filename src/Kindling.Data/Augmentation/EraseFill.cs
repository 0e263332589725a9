using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>What covered pixels are replaced by.</summary>
internal sealed class EraseFill
{
    private static readonly AugmentationParameter FillMethod =
        new("fill_method", AugmentationParameterKind.Choice, "One given colour, one random colour an area, or a random colour a pixel.")
        {
            Default = "uniform",
            Choices = ["uniform", "random", "mosaic"],
        };

    private static readonly AugmentationParameter Color =
        new("color", AugmentationParameterKind.Color, "The colour of fill_method uniform, in the input's channel order; black when absent.") { Minimum = 0, Maximum = 255 };

    private readonly string _fill;
    private readonly float[] _color;

    private EraseFill(AugmentationArguments arguments)
    {
        _fill = arguments.Choice(FillMethod);
        _color = arguments.Color(Color) ?? [0];
    }

    public static IReadOnlyList<AugmentationParameter> Parameters { get; } = [FillMethod, Color];

    public static EraseFill Read(AugmentationArguments arguments) => new(arguments);

    /// <summary>Covers one area.</summary>
    public void Apply(Span<float> values, ImageDomain domain, PixelBox box, ref RandomStream random)
    {
        Span<float> color = stackalloc float[domain.Channels];
        Draw(color, domain, ref random);
        for (int y = box.Top; y < box.Top + box.Height; y++)
        {
            for (int x = box.Left; x < box.Left + box.Width; x++)
            {
                if (_fill == "mosaic")
                    Draw(color, domain, ref random);
                color.CopyTo(values[(((y * domain.Width) + x) * domain.Channels)..]);
            }
        }
    }

    private void Draw(Span<float> color, ImageDomain domain, ref RandomStream random)
    {
        for (int c = 0; c < color.Length; c++)
        {
            float share = _fill == "uniform" ? _color[_color.Length == 1 ? 0 : c] / 255 : random.NextSingle();
            color[c] = domain.FromUnitSummands[c] + (share * domain.FromUnitFactors[c]);
        }
    }
}

/// <summary>An area of whole pixels.</summary>
internal readonly record struct PixelBox(int Top, int Left, int Height, int Width);
