namespace Kindling.Cli.Hosting;

/// <summary>What a verb found.</summary>
/// <param name="Document">What <c>--json</c> prints; keys become snake_case.</param>
/// <param name="Text">What is printed otherwise; null for nothing.</param>
/// <param name="FailedCheck">Why the exit code is 2; null when no check failed.</param>
internal sealed record VerbResult(object Document, string? Text, string? FailedCheck = null);
