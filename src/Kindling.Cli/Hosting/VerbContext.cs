namespace Kindling.Cli.Hosting;

/// <summary>What surrounds a verb.</summary>
/// <param name="Terminal">Where it says what it does.</param>
/// <param name="CommandLine">The command line as one would type it, for reports.</param>
/// <param name="Cancellation">Set when the user interrupts.</param>
internal sealed record VerbContext(Terminal Terminal, string CommandLine, CancellationToken Cancellation);
