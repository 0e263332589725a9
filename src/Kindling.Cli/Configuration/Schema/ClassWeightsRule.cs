namespace Kindling.Cli.Configuration.Schema;

/// <summary>Weights of the classes: the word balanced, a number for each class in their order, or numbers by name.</summary>
internal sealed record ClassWeightsRule : ValueRule
{
    private const string Balanced = "balanced";

    /// <inheritdoc/>
    public override string Allowed => "balanced, a number for each class such as [1, 2.5], or numbers by name such as {daisy: 2}";

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults)
    {
        if (node is ConfigScalar { Text: Balanced })
            return new ClassWeightsConfig(true, [], new Dictionary<string, double>());
        if (Numbers(node) is { } numbers && numbers.All(n => n >= 0))
            return new ClassWeightsConfig(false, numbers, new Dictionary<string, double>());
        if (node is not ConfigMap map)
            return Reject(node, path, faults);
        var byName = new Dictionary<string, double>();
        foreach (var entry in map.Entries)
        {
            if (entry.Value is ConfigScalar scalar && ValueExpression.TryNumber(scalar.Text, out var weight) && weight >= 0)
                byName[entry.Key] = weight;
            else
                faults.Add(new Fault($"{path}.{entry.Key}", entry.Value.Origin, $"{Show(entry.Value)} is not a number from 0 up"));
        }

        return new ClassWeightsConfig(false, [], byName);
    }
}
