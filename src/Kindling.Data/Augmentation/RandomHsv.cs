using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Shifts hue, saturation and value.</summary>
internal sealed class RandomHsv : ColorAugmentation
{
    private const string HueText = "Turn of the hue as a share of the full circle; one number v stands for (-v, v).";
    private const string SaturationText = "Summand of the saturation, which is then clipped to 0 to 1; gray stays gray; one number v stands for (-v, v).";
    private const string ValueText = "Summand of the value (the brightest channel), which is then clipped to 0 to 1; one number v stands for (-v, v).";

    private readonly ValueRange _hue;
    private readonly ValueRange _saturation;
    private readonly ValueRange _value;

    private RandomHsv(ValueRange hue, ValueRange saturation, ValueRange value)
    {
        _hue = hue;
        _saturation = saturation;
        _value = value;
    }

    public static AugmentationFunction HueOnly { get; } = Single("random_hue", "Turns the hue.", HueText, range => new RandomHsv(range, default, default));

    public static AugmentationFunction SaturationOnly { get; } =
        Single("random_saturation", "Changes the saturation.", SaturationText, range => new RandomHsv(default, range, default));

    public static AugmentationFunction ValueOnly { get; } =
        Single("random_value", "Changes the brightest channel and the others in proportion.", ValueText, range => new RandomHsv(default, default, range));

    public static AugmentationFunction Function { get; } = All();

    protected override void ApplyToUnit(Span<float> values, ImageDomain domain, ref RandomStream random)
    {
        (float hue, float saturation, float value) = (_hue.Draw(ref random), _saturation.Draw(ref random), _value.Draw(ref random));
        ColorPlanes planes = ColorPlanes.Split(values, domain);
        HsvColor.Shift(planes, hue, saturation, value);
        planes.Merge(values);
    }

    private static AugmentationParameter Delta(string name, string description) =>
        new(name, AugmentationParameterKind.Range, description) { Required = true, Minimum = -1, Maximum = 1, Example = 0.2 };

    private static AugmentationFunction Single(string name, string description, string delta, Func<ValueRange, RandomHsv> create)
    {
        AugmentationParameter parameter = Delta("delta", delta);
        return new AugmentationFunction(name, description, 1, [parameter], arguments => create(arguments.Range(parameter))) { NeedsColor = true };
    }

    private static AugmentationFunction All()
    {
        AugmentationParameter[] deltas = [Delta("hue_delta", HueText), Delta("saturation_delta", SaturationText), Delta("value_delta", ValueText)];
        return new AugmentationFunction(
            "random_hsv", "Shifts hue, saturation and value at once.", 1, deltas,
            arguments => new RandomHsv(arguments.Range(deltas[0]), arguments.Range(deltas[1]), arguments.Range(deltas[2])))
        {
            NeedsColor = true,
        };
    }
}
