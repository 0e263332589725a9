using Kindling.Cli.Configuration.Schema;
using Kindling.Cli.Configuration.Z23;

namespace Kindling.Cli.Configuration;

/// <summary>Reads, overrides and checks a configuration; every fault is found before anything runs.</summary>
internal sealed class ConfigurationLoader
{
    /// <summary>Looks up environment variables; replaceable for tests.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The time that <c>${now:…}</c> stands for.</summary>
    public DateTime Now { get; init; } = DateTime.Now;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides"><c>key=value</c> and <c>~key</c> arguments.</param>
    /// <exception cref="ConfigurationException">Something is wrong with it; all faults are listed.</exception>
    /// <exception cref="KindlingException">The file cannot be read.</exception>
    public UserConfig LoadFile(string path, IReadOnlyList<string> overrides)
    {
        string yaml;
        try
        {
            yaml = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"configuration {path} cannot be read: {e.Message}", e);
        }

        return Load(path, yaml, overrides);
    }

    /// <summary>Reads a document.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="yaml">The document.</param>
    /// <param name="overrides"><c>key=value</c> and <c>~key</c> arguments.</param>
    /// <exception cref="ConfigurationException">Something is wrong with it; all faults are listed.</exception>
    public UserConfig Load(string name, string yaml, IReadOnlyList<string> overrides)
    {
        var faults = new List<Fault>();
        var root = YamlDocumentReader.Read(yaml, faults);
        if (faults.Count > 0)
            throw new ConfigurationException(name, faults);
        Overrides.Apply(root, overrides, faults);
        root = (ConfigMap)Expand(root, "", new Placeholders(Variable, Now), faults);
        var isZ23 = Z23Translator.Applies(root);
        if (isZ23)
            root = Z23Translator.Translate(root, faults);
        var settings = SectionReader.Read(UserConfigSchema.Root, root, "", faults);
        var config = ConfigurationBinder.Bind(name, settings, faults);
        if (faults.Count > 0)
        {
            // One value of 2023 may stand for several of 2024.
            var own = isZ23 ? faults.Select(Z23Keys.Own).DistinctBy(f => (f.Origin, f.Message)) : faults.Distinct();
            throw new ConfigurationException(name, [.. own.OrderBy(f => f.Origin.Line)]);
        }

        var notes = isZ23 ? [$"{name} is written in ST's schema of 2023; resolved_config.yaml holds it in that of 2024", .. config!.Notes] : config!.Notes;
        return config with { Resolved = YamlText.Write(root), Notes = notes };
    }

    private static ConfigNode Expand(ConfigNode node, string path, Placeholders placeholders, List<Fault> faults)
    {
        switch (node)
        {
            case ConfigMap map:
                return new ConfigMap(
                    [.. map.Entries.Select(e => e with { Value = Expand(e.Value, path.Length == 0 ? e.Key : $"{path}.{e.Key}", placeholders, faults) })], map.Origin);
            case ConfigList list:
                return new ConfigList([.. list.Items.Select(i => Expand(i, path, placeholders, faults))], list.Origin);
            case ConfigScalar scalar when scalar.Text.Contains("${", StringComparison.Ordinal):
                var expanded = placeholders.Expand(scalar.Text, out var problem);
                if (problem is not null)
                    faults.Add(new Fault(path, scalar.Origin, problem));
                return scalar with { Text = expanded };
            default:
                return node;
        }
    }
}
