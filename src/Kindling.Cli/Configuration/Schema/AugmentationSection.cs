using System.Collections;
using System.Globalization;
using Kindling.Data.Augmentation;

namespace Kindling.Cli.Configuration.Schema;

/// <summary>Section <c>data_augmentation</c>, as the data room's catalogue describes it.</summary>
internal static class AugmentationSection
{
    /// <summary>The functions with their parameters.</summary>
    public static NamedRule Rule { get; } = new("function", AugmentationCatalogue.Functions.ToDictionary(f => f.Name, Describe));

    /// <summary>The functions as the data room takes them, every fault noted with its line.</summary>
    public static IReadOnlyList<AugmentationSpec> Read(IReadOnlyList<NamedSettings> functions, List<Fault> faults)
    {
        var specs = new List<AugmentationSpec>();
        foreach (var function in functions)
        {
            var spec = new AugmentationSpec(function.Name, function.Arguments.Keys.ToDictionary(k => k, k => function.Arguments[k]));
            foreach (var message in AugmentationCatalogue.Validate([spec]))
            {
                var colon = message.IndexOf(": ", StringComparison.Ordinal);
                var path = colon < 0 ? $"data_augmentation.{function.Name}" : message[..colon];
                var key = path[(path.LastIndexOf('.') + 1)..];
                faults.Add(new Fault(path, function.Arguments.OriginOf(key), message[(colon < 0 ? 0 : colon + 2)..]));
            }

            specs.Add(spec);
        }

        return specs;
    }

    private static SectionSchema Describe(AugmentationFunction function) =>
        new(function.Description, [.. function.Parameters.Select(p => new KeySchema(p.Name, new ArgumentRule(p), p.Description))]);

    /// <summary>What a parameter accepts, in words.</summary>
    public static string Allowed(AugmentationParameter parameter) => new ArgumentRule(parameter).Allowed;

    /// <summary>An argument as one would write it.</summary>
    public static string Show(object? value) => value is IEnumerable sequence and not string
        ? $"({string.Join(", ", sequence.Cast<object?>().Select(Show))})"
        : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    /// <summary>A number, a tuple of numbers or a word; the catalogue checks it further.</summary>
    private sealed record ArgumentRule(AugmentationParameter Parameter) : ValueRule
    {
        public override string Allowed => Parameter.Kind switch
        {
            AugmentationParameterKind.Choice => string.Join(", ", Parameter.Choices),
            AugmentationParameterKind.Range => $"a number or a pair (low, high){Bounds}",
            AugmentationParameterKind.Integer => $"a whole number{Bounds}",
            AugmentationParameterKind.IntegerRange => $"a whole number or a pair (low, high){Bounds}",
            AugmentationParameterKind.Size => "a whole number or a pair (height, width)",
            AugmentationParameterKind.Sizes => "a list of whole numbers or pairs (height, width)",
            AugmentationParameterKind.Color => "one or three numbers from 0 to 255",
            _ => $"a number{Bounds}",
        };

        private string Bounds => (double.IsFinite(Parameter.Minimum), double.IsFinite(Parameter.Maximum)) switch
        {
            (true, true) => string.Create(CultureInfo.InvariantCulture, $" from {Parameter.Minimum} to {Parameter.Maximum}"),
            (true, false) => string.Create(CultureInfo.InvariantCulture, $", at least {Parameter.Minimum}"),
            _ => "",
        };

        public override object? Read(ConfigNode node, string path, List<Fault> faults)
        {
            if (Parameter.Kind == AugmentationParameterKind.Sizes && node is ConfigList list)
                return list.Items.Select(i => Read(i, path, faults)).ToList();
            if (Numbers(node) is { } tuple)
                return tuple;
            if (node is not ConfigScalar scalar)
                return Reject(node, path, faults);
            return !scalar.IsQuoted && ValueExpression.TryNumber(scalar.Text, out var number) ? number : scalar.Text;
        }
    }
}
