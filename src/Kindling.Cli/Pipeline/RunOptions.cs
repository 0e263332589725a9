namespace Kindling.Cli.Pipeline;

/// <summary>What the command line says about a run beside its configuration.</summary>
/// <param name="Output">The output folder; null takes outputs/&lt;date&gt;_&lt;name&gt;.</param>
/// <param name="Resume">The output folder of an interrupted run to continue; null begins anew.</param>
internal sealed record RunOptions(string? Output, string? Resume);
