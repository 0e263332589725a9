namespace Kindling.Cli.Hosting;

/// <summary>What the process answers its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything was done.</summary>
    public const int Done = 0;

    /// <summary>Something about the user's input is wrong.</summary>
    public const int UserInput = 1;

    /// <summary>A check failed: accuracy lost beyond what is allowed, or outputs that differ.</summary>
    public const int FailedCheck = 2;

    /// <summary>A fault of Kindling itself.</summary>
    public const int Internal = 3;

    /// <summary>Interrupted by Ctrl-C or a termination signal.</summary>
    public const int Interrupted = 130;
}
