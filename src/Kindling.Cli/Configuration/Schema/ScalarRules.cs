using System.Globalization;
using Kindling.Text;

namespace Kindling.Cli.Configuration.Schema;

/// <summary>Free text.</summary>
internal sealed record TextRule(string Meaning = "text") : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => Meaning;

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) =>
        node is ConfigScalar scalar ? scalar.Text : Reject(node, path, faults);
}

/// <summary>True or false.</summary>
internal sealed record BooleanRule : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => "true or false";

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) =>
        (node as ConfigScalar)?.Text.ToUpperInvariant() switch
        {
            "TRUE" or "YES" or "ON" => true,
            "FALSE" or "NO" or "OFF" => false,
            _ => Reject(node, path, faults),
        };
}

/// <summary>A whole number within bounds, both included.</summary>
internal sealed record IntegerRule(int Least = int.MinValue, int Most = int.MaxValue) : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => (Least, Most) switch
    {
        (int.MinValue, int.MaxValue) => "a whole number",
        (_, int.MaxValue) => $"a whole number, {Least} or more",
        _ => $"a whole number from {Least} to {Most}",
    };

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) =>
        node is ConfigScalar scalar && ValueExpression.TryNumber(scalar.Text, out var value)
        && value == Math.Floor(value) && value >= Least && value <= Most
            ? (int)value
            : Reject(node, path, faults);
}

/// <summary>A number within bounds.</summary>
/// <param name="Least">The lower bound.</param>
/// <param name="Most">The upper bound.</param>
/// <param name="ExcludesLeast">True when the lower bound itself is not allowed.</param>
/// <param name="ExcludesMost">True when the upper bound itself is not allowed.</param>
internal sealed record NumberRule(
    double Least = double.NegativeInfinity, double Most = double.PositiveInfinity, bool ExcludesLeast = false, bool ExcludesMost = false) : ValueRule
{
    /// <summary>A number greater than zero.</summary>
    public static NumberRule Positive { get; } = new(0, ExcludesLeast: true);

    /// <summary>A number from 0 to 1.</summary>
    public static NumberRule Share { get; } = new(0, 1);

    /// <inheritdoc/>
    public override string Allowed
    {
        get
        {
            var least = double.IsInfinity(Least) ? null : $"{(ExcludesLeast ? "greater than" : "at least")} {Text(Least)}";
            var most = double.IsInfinity(Most) ? null : $"{(ExcludesMost ? "less than" : "at most")} {Text(Most)}";
            return (least, most) switch
            {
                (null, null) => "a number",
                _ => $"a number {string.Join(" and ", new[] { least, most }.OfType<string>())}",
            };
        }
    }

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) =>
        node is ConfigScalar scalar && ValueExpression.TryNumber(scalar.Text, out var value)
        && (ExcludesLeast ? value > Least : value >= Least) && (ExcludesMost ? value < Most : value <= Most)
            ? value
            : Reject(node, path, faults);

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One of a few words.</summary>
/// <param name="Choices">The words.</param>
/// <param name="Aliases">Other spellings, each with the word it stands for.</param>
internal sealed record ChoiceRule(IReadOnlyList<string> Choices, IReadOnlyDictionary<string, string>? Aliases = null) : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => string.Join(", ", Choices);

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults)
    {
        if (node is not ConfigScalar scalar)
        {
            faults.Add(new Fault(path, node.Origin, $"{Show(node)} is not one of: {Allowed}"));
            return null;
        }

        var choice = Choices.FirstOrDefault(c => c.Equals(scalar.Text, StringComparison.OrdinalIgnoreCase));
        if (choice is not null)
            return choice;
        if (Aliases is not null && Aliases.TryGetValue(scalar.Text, out var meant))
            return meant;
        faults.Add(new Fault(path, node.Origin, $"'{scalar.Text}' is not allowed{Suggestion.DidYouMean(scalar.Text, Choices)}; allowed: {Allowed}"));
        return null;
    }
}
