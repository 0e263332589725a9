namespace Kindling.Cli.Configuration;

/// <summary>Arguments that change a configuration: <c>training.epochs=5</c> sets a key, <c>~data_augmentation</c> removes one.</summary>
internal static class Overrides
{
    /// <summary>Applies the arguments to the document in their order.</summary>
    public static void Apply(ConfigMap root, IEnumerable<string> arguments, List<Fault> faults)
    {
        foreach (var argument in arguments)
        {
            var origin = new Origin(0, argument);
            if (argument.StartsWith('~'))
            {
                Remove(root, argument[1..].Split('.'), origin, faults);
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var path = equals < 0 ? "" : argument[..equals].TrimStart('+').Trim();
            if (path.Length == 0 || path.Split('.').Any(string.IsNullOrWhiteSpace))
            {
                faults.Add(new Fault("", origin, "key=value is expected, such as training.epochs=5 (or ~key to remove one)"));
                continue;
            }

            if (YamlDocumentReader.ReadValue(argument[(equals + 1)..].Trim(), origin) is { } value)
                Set(root, path.Split('.'), value, origin, faults);
            else
                faults.Add(new Fault(path, origin, "the value is not valid YAML"));
        }
    }

    private static void Set(ConfigMap map, string[] path, ConfigNode value, Origin origin, List<Fault> faults)
    {
        for (var i = 0; ; i++)
        {
            var index = map.Entries.FindIndex(e => e.Key == path[i]);
            if (i == path.Length - 1)
            {
                Put(map, index, new ConfigEntry(path[i], origin, value));
                return;
            }

            if (index >= 0 && map.Entries[index].Value is ConfigMap inner)
            {
                map = inner;
                continue;
            }

            if (index >= 0 && map.Entries[index].Value is not ConfigScalar { IsNull: true })
            {
                faults.Add(new Fault(string.Join('.', path), origin, $"{string.Join('.', path[..(i + 1)])} is a value, not a section"));
                return;
            }

            var created = new ConfigMap([], origin);
            Put(map, index, new ConfigEntry(path[i], origin, created));
            map = created;
        }
    }

    private static void Put(ConfigMap map, int index, ConfigEntry entry)
    {
        if (index < 0)
            map.Entries.Add(entry);
        else
            map.Entries[index] = entry;
    }

    private static void Remove(ConfigMap map, string[] path, Origin origin, List<Fault> faults)
    {
        foreach (var key in path[..^1])
        {
            if (map.Find(key)?.Value is not ConfigMap inner)
            {
                faults.Add(new Fault(string.Join('.', path), origin, "there is no such key to remove"));
                return;
            }

            map = inner;
        }

        if (map.Entries.RemoveAll(e => e.Key == path[^1]) == 0)
            faults.Add(new Fault(string.Join('.', path), origin, "there is no such key to remove"));
    }
}
