using System.Collections;
using System.Globalization;

namespace Kindling.Data.Augmentation;

/// <summary>Reads typed values from a specification and notes every fault instead of stopping at the first.</summary>
internal sealed class AugmentationArguments(string function, IReadOnlyDictionary<string, object?> values, List<string> faults)
{
    public float Number(AugmentationParameter parameter)
    {
        if (!TryGet(parameter, out object? value))
            return 0;
        if (!TryNumber(value, out double number))
        {
            Fault(parameter, $"'{Show(value)}' is not a number");
            return 0;
        }

        CheckBounds(parameter, number);
        return (float)number;
    }

    public int Integer(AugmentationParameter parameter)
    {
        double number = Number(parameter);
        if (number != Math.Floor(number))
            Fault(parameter, $"{number} is not a whole number");
        return (int)number;
    }

    public ValueRange Range(AugmentationParameter parameter)
    {
        if (!TryGet(parameter, out object? value))
            return default;
        double low, high;
        if (TryNumber(value, out double scalar))
        {
            (low, high) = parameter.Scalar switch
            {
                ScalarMeaning.AroundOne => (1 - Math.Abs(scalar), 1 + Math.Abs(scalar)),
                ScalarMeaning.Exactly => (scalar, scalar),
                ScalarMeaning.FromZero => (Math.Min(0, scalar), Math.Max(0, scalar)),
                _ => (-Math.Abs(scalar), Math.Abs(scalar)),
            };
        }
        else if (TryNumbers(value, out double[] pair) && pair.Length == 2)
        {
            (low, high) = (pair[0], pair[1]);
        }
        else
        {
            Fault(parameter, $"'{Show(value)}' is neither a number nor a pair (low, high)");
            return default;
        }

        if (low > high)
            Fault(parameter, $"the low end {low} is above the high end {high}");
        CheckBounds(parameter, low);
        if (high != low)
            CheckBounds(parameter, high);
        return new ValueRange((float)low, (float)high);
    }

    public ValueRange IntegerRange(AugmentationParameter parameter)
    {
        int before = faults.Count;
        ValueRange range = Range(parameter);
        if (faults.Count == before && (range.Low != MathF.Floor(range.Low) || range.High != MathF.Floor(range.High)))
            Fault(parameter, range.Low == range.High ? $"{range.Low} is not a whole number" : $"({range.Low}, {range.High}) are not whole numbers");
        return range;
    }

    /// <summary>Image sizes; empty when the parameter is not given and has no default, or is wrong.</summary>
    public IReadOnlyList<ImageSize> Sizes(AugmentationParameter parameter)
    {
        if (!TryGet(parameter, out object? value))
            return [];
        var sizes = new List<ImageSize>();
        IEnumerable<object?> items = value is IEnumerable sequence and not string ? sequence.Cast<object?>() : [value];
        foreach (object? item in items)
        {
            if (Size(parameter, item) is not { } size)
                return [];
            sizes.Add(size);
        }

        if (sizes.Count == 0)
            Fault(parameter, "names no size");
        return sizes;
    }

    /// <summary>One image size, a number or a pair; null when the parameter is not given and has no default.</summary>
    public ImageSize? OptionalSize(AugmentationParameter parameter) => Find(parameter) is { } value ? Size(parameter, value) : null;

    /// <summary>Null when the parameter is not given and has no default.</summary>
    public ValueRange? OptionalRange(AugmentationParameter parameter) => Find(parameter) is null ? null : Range(parameter);

    public string Choice(AugmentationParameter parameter)
    {
        if (!TryGet(parameter, out object? value))
            return "";
        if (value is string word && parameter.Choices.Contains(word))
            return word;
        Fault(parameter, $"'{Show(value)}' is not one of {string.Join(", ", parameter.Choices)}");
        return parameter.Choices[0];
    }

    public float[]? Color(AugmentationParameter parameter)
    {
        object? value = Find(parameter);
        if (value is null)
            return null;
        double[] color = TryNumber(value, out double gray) ? [gray] : TryNumbers(value, out double[] numbers) ? numbers : [];
        if (color.Length is not (1 or 3))
        {
            Fault(parameter, $"'{Show(value)}' is not a colour: one or three numbers from 0 to 255");
            return null;
        }

        foreach (double channel in color)
            CheckBounds(parameter, channel);
        return [.. color.Select(c => (float)c)];
    }

    private ImageSize? Size(AugmentationParameter parameter, object? value)
    {
        double[] sides = TryNumber(value, out double side) ? [side, side] : TryNumbers(value, out double[] pair) ? pair : [];
        if (sides.Length != 2 || sides.Any(s => s != Math.Floor(s)))
        {
            Fault(parameter, $"'{Show(value)}' is not a size: a whole number, or a pair (height, width)");
            return null;
        }

        CheckBounds(parameter, sides[0]);
        CheckBounds(parameter, sides[1]);
        return new ImageSize((int)sides[0], (int)sides[1]);
    }

    private static bool TryNumber(object? value, out double number)
    {
        bool isNumber = value is int or long or float or double or decimal or short or byte;
        number = isNumber ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : 0;
        return isNumber && double.IsFinite(number);
    }

    private static bool TryNumbers(object? value, out double[] numbers)
    {
        numbers = [];
        if (value is string || value is not IEnumerable sequence)
            return false;
        var list = new List<double>();
        foreach (object? item in sequence)
        {
            if (!TryNumber(item, out double number))
                return false;
            list.Add(number);
        }

        numbers = [.. list];
        return true;
    }

    private static string Show(object? value) =>
        value is IEnumerable sequence and not string ? $"({string.Join(", ", sequence.Cast<object?>())})" : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private object? Find(AugmentationParameter parameter) => values.GetValueOrDefault(parameter.Name) ?? parameter.Default;

    private bool TryGet(AugmentationParameter parameter, out object? value)
    {
        value = Find(parameter);
        if (value is null)
            Fault(parameter, "is required");
        return value is not null;
    }

    private void CheckBounds(AugmentationParameter parameter, double number)
    {
        if (number < parameter.Minimum || number > parameter.Maximum)
            Fault(parameter, $"{number} is outside {parameter.Minimum} to {parameter.Maximum}");
    }

    private void Fault(AugmentationParameter parameter, string fault) => faults.Add($"data_augmentation.{function}.{parameter.Name}: {fault}");
}
