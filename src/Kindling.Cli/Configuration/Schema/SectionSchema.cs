namespace Kindling.Cli.Configuration.Schema;

/// <summary>One key of a section.</summary>
/// <param name="Name">The key.</param>
/// <param name="Rule">What its value may be.</param>
/// <param name="Doc">What it does, in one sentence.</param>
/// <param name="Default">The value when it is absent or empty, as one would write it; null for none.</param>
/// <param name="IsRequired">True when the section makes no sense without it.</param>
internal sealed record KeySchema(string Name, ValueRule Rule, string Doc, string? Default = null, bool IsRequired = false)
{
    /// <summary>True when Kindling accepts the key and has no use for it.</summary>
    public bool IsIgnored => Rule is IgnoredRule;
}

/// <summary>The keys a section may hold.</summary>
/// <param name="Doc">What the section is for, in one sentence.</param>
/// <param name="Keys">Its keys.</param>
internal sealed record SectionSchema(string Doc, params KeySchema[] Keys);

/// <summary>A section as the value of a key.</summary>
internal sealed record SectionRule(SectionSchema Schema) : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => $"a section with the keys {string.Join(", ", Schema.Keys.Select(k => k.Name))}";

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults)
    {
        if (node is ConfigMap map)
            return SectionReader.Read(Schema, map, path, faults);
        faults.Add(new Fault(path, node.Origin, $"{Show(node)} is not {Allowed}"));
        return null;
    }
}

/// <summary>
/// Named things with their own arguments: <c>Adam: {learning_rate: 0.001}</c>, or just <c>Adam</c>; in the order written, each at most once.
/// </summary>
/// <param name="What">What they are, singular.</param>
/// <param name="Catalogue">Each name with its arguments.</param>
/// <param name="Most">How many may be given.</param>
internal sealed record NamedRule(string What, IReadOnlyDictionary<string, SectionSchema> Catalogue, int Most = int.MaxValue) : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => string.Join(", ", Catalogue.Keys);

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults)
    {
        var entries = node switch
        {
            ConfigMap map => map.Entries,
            ConfigScalar scalar => [new ConfigEntry(scalar.Text, scalar.Origin, new ConfigScalar("", false, scalar.Origin))],
            _ => null,
        };
        if (entries is null)
            return Reject(node, path, faults);
        if (entries.Count > Most)
            faults.Add(new Fault(path, node.Origin, $"{entries.Count} given, {Most} allowed"));
        var result = new List<NamedSettings>();
        foreach (var entry in entries)
        {
            var name = Catalogue.Keys.FirstOrDefault(k => k.Equals(entry.Key, StringComparison.OrdinalIgnoreCase));
            var entryPath = $"{path}.{entry.Key}";
            if (name is null)
                faults.Add(new Fault(entryPath, entry.KeyOrigin, SectionReader.Unknown(What, entry.Key, [.. Catalogue.Keys])));
            else if (entry.Value is ConfigMap arguments)
                result.Add(new NamedSettings(name, SectionReader.Read(Catalogue[name], arguments, entryPath, faults), entry.KeyOrigin));
            else if (entry.Value is ConfigScalar { IsNull: true })
                result.Add(new NamedSettings(name, SectionReader.Read(Catalogue[name], new ConfigMap([], entry.KeyOrigin), entryPath, faults), entry.KeyOrigin));
            else
                faults.Add(new Fault(entryPath, entry.Value.Origin, $"{Show(entry.Value)} is not a section with the keys {string.Join(", ", Catalogue[name].Keys.Select(k => k.Name))}"));
        }

        return result;
    }
}
