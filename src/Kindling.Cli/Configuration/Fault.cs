namespace Kindling.Cli.Configuration;

/// <summary>One thing wrong with a configuration.</summary>
/// <param name="KeyPath">The key, dotted: <c>training.epochs</c>; empty when the file as a whole is meant.</param>
/// <param name="Origin">Where it was written.</param>
/// <param name="Message">What was found and what is allowed.</param>
internal sealed record Fault(string KeyPath, Origin Origin, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => KeyPath.Length > 0 ? $"{Origin}: {KeyPath}: {Message}" : $"{Origin}: {Message}";
}
