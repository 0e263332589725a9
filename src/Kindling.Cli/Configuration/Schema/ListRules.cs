namespace Kindling.Cli.Configuration.Schema;

/// <summary>A list of words, one at least; a single word is a list of one.</summary>
internal sealed record TextListRule(string Meaning = "a list of names, such as [daisy, roses]") : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => Meaning;

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) => node switch
    {
        ConfigScalar scalar => new List<string> { scalar.Text },
        ConfigList { Items.Count: > 0 } list when list.Items.All(i => i is ConfigScalar) => list.Items.Cast<ConfigScalar>().Select(s => s.Text).ToList(),
        _ => Reject(node, path, faults),
    };
}

/// <summary>The extents of an input image: (height, width, channels).</summary>
internal sealed record ImageShapeRule : ValueRule
{
    private const int LargestSide = 4096;

    /// <inheritdoc/>
    public override string Allowed => $"(height, width, channels) with sides from 1 to {LargestSide} and 1 or 3 channels, such as (128, 128, 3)";

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) =>
        Numbers(node) is [var height, var width, 1 or 3] numbers && IsSide(height) && IsSide(width)
            ? numbers.Select(n => (int)n).ToList()
            : Reject(node, path, faults);

    private static bool IsSide(double value) => value is >= 1 and <= LargestSide && value == Math.Floor(value);
}

/// <summary>A list of numbers.</summary>
internal sealed record NumberListRule : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => "a list of numbers, such as (10, 20)";

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) => Numbers(node) ?? Reject(node, path, faults);
}

/// <summary>Anything: the value of a key that Kindling accepts and has no use for.</summary>
internal sealed record IgnoredRule : ValueRule
{
    /// <inheritdoc/>
    public override string Allowed => "anything (accepted, without effect)";

    /// <inheritdoc/>
    public override object? Read(ConfigNode node, string path, List<Fault> faults) => null;
}
