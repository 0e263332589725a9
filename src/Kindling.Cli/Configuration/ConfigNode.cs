namespace Kindling.Cli.Configuration;

/// <summary>A part of a configuration with the place it came from.</summary>
/// <param name="Origin">Where it was written.</param>
internal abstract record ConfigNode(Origin Origin);

/// <summary>A single value as written, before its type is known.</summary>
/// <param name="Text">The characters, without quotes.</param>
/// <param name="IsQuoted">True when it was quoted, so that it is text and never null.</param>
/// <param name="Origin">Where it was written.</param>
internal sealed record ConfigScalar(string Text, bool IsQuoted, Origin Origin) : ConfigNode(Origin)
{
    /// <summary>True for an empty value and for the words YAML and Python use for nothing.</summary>
    public bool IsNull => !IsQuoted && Text is "" or "~" or "null" or "Null" or "NULL" or "None";
}

/// <summary>A list of values.</summary>
internal sealed record ConfigList(IReadOnlyList<ConfigNode> Items, Origin Origin) : ConfigNode(Origin);

/// <summary>Keys and values in the order written.</summary>
internal sealed record ConfigMap(List<ConfigEntry> Entries, Origin Origin) : ConfigNode(Origin)
{
    /// <summary>The entry of a key, or null.</summary>
    public ConfigEntry? Find(string key) => Entries.Find(e => e.Key == key);
}

/// <summary>One key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="KeyOrigin">Where the key was written.</param>
/// <param name="Value">Its value.</param>
internal sealed record ConfigEntry(string Key, Origin KeyOrigin, ConfigNode Value);

/// <summary>A place in a configuration: a line of the file, or an argument of the command line.</summary>
/// <param name="Line">Counted from 1; 0 when it was given on the command line.</param>
/// <param name="Argument">The argument of the command line, or null.</param>
internal sealed record Origin(int Line, string? Argument = null)
{
    /// <summary>A place that is neither a line nor an argument: the file as a whole.</summary>
    public static Origin WholeFile { get; } = new(0);

    /// <inheritdoc/>
    public override string ToString() => Argument is not null ? $"argument '{Argument}'" : Line > 0 ? $"line {Line}" : "the file";
}
