using System.Text.Json;
using Kindling.Cli.Hosting;

namespace Kindling.Cli.Tests;

/// <summary>One run of the command line.</summary>
internal sealed record CommandLine(int ExitCode, string Output, string Error)
{
    /// <summary>The one JSON document on standard output.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static CommandLine Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = CommandHost.Run(arguments, output, error);
        return new CommandLine(code, output.ToString(), error.ToString());
    }
}
