namespace Kindling.Cli.Configuration.Schema;

/// <summary>The values of a section after its schema was applied.</summary>
internal sealed class Settings(
    IReadOnlyDictionary<string, object?> values, IReadOnlyDictionary<string, Origin> origins, Origin origin, IReadOnlyList<string> ignored)
{
    /// <summary>Where the section begins.</summary>
    public Origin Origin => origin;

    /// <summary>Keys present in the file that Kindling has no use for.</summary>
    public IReadOnlyList<string> Ignored => ignored;

    /// <summary>The keys that have a value, given or by default.</summary>
    public IEnumerable<string> Keys => values.Where(v => v.Value is not null).Select(v => v.Key);

    /// <summary>Where a key was written; the section's beginning when it was not.</summary>
    public Origin OriginOf(string key) => origins.GetValueOrDefault(key, origin);

    /// <summary>True when the key has a value, given or by default.</summary>
    public bool Has(string key) => values.GetValueOrDefault(key) is not null;

    /// <summary>The value of a key; the type's default after a fault or when it has none.</summary>
    public T? Get<T>(string key) => values.GetValueOrDefault(key) is T value ? value : default;

    /// <summary>The value of a key, or null.</summary>
    public object? this[string key] => values.GetValueOrDefault(key);

    /// <summary>A number, or null.</summary>
    public double? Number(string key) => values.GetValueOrDefault(key) switch { double d => d, int i => i, _ => null };
}

/// <summary>A named thing with its arguments, such as an optimizer.</summary>
/// <param name="Name">Its name as the catalogue spells it.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Origin">Where it was written.</param>
internal sealed record NamedSettings(string Name, Settings Arguments, Origin Origin);
