namespace Kindling.Cli.Hosting;

/// <summary>The user stopped the run; the message says how to go on.</summary>
internal sealed class InterruptedException(string message) : OperationCanceledException(message);
