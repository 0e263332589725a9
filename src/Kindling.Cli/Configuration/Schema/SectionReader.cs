using Kindling.Text;

namespace Kindling.Cli.Configuration.Schema;

/// <summary>Reads a mapping by its schema and notes every fault.</summary>
internal static class SectionReader
{
    /// <summary>Reads every key; absent ones take their defaults.</summary>
    public static Settings Read(SectionSchema schema, ConfigMap map, string path, List<Fault> faults)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        var origins = new Dictionary<string, Origin>(StringComparer.Ordinal);
        var ignored = new List<string>();
        foreach (var entry in map.Entries)
        {
            var entryPath = path.Length == 0 ? entry.Key : $"{path}.{entry.Key}";
            var key = Array.Find(schema.Keys, k => k.Name == entry.Key);
            if (key is null)
            {
                faults.Add(new Fault(entryPath, entry.KeyOrigin, Unknown("key", entry.Key, [.. schema.Keys.Select(k => k.Name)])));
                continue;
            }

            origins[key.Name] = entry.KeyOrigin;
            if (key.IsIgnored)
                ignored.Add(entryPath);
            else if (entry.Value is not ConfigScalar { IsNull: true })
                values[key.Name] = key.Rule.Read(entry.Value, entryPath, faults);
            if (values.GetValueOrDefault(key.Name) is Settings inner)
                ignored.AddRange(inner.Ignored);
        }

        foreach (var key in schema.Keys.Where(k => !values.ContainsKey(k.Name)))
        {
            if (key.Default is not null)
                values[key.Name] = key.Rule.Read(YamlDocumentReader.ReadValue(key.Default, map.Origin)!, key.Name, []);
            else if (key.IsRequired)
                faults.Add(new Fault(path.Length == 0 ? key.Name : $"{path}.{key.Name}", origins.GetValueOrDefault(key.Name, map.Origin), $"missing; {key.Rule.Allowed}"));
        }

        return new Settings(values, origins, map.Origin, ignored);
    }

    /// <summary>The message for a word that is not in a list, with the nearest one that is.</summary>
    public static string Unknown(string what, string word, IReadOnlyList<string> known) =>
        $"unknown {what} '{word}'{Suggestion.DidYouMean(word, known)}; allowed: {string.Join(", ", known)}";
}
