using System.ComponentModel;
using System.Diagnostics;

namespace Kindling.Deployment;

/// <summary>What a program printed and how it ended.</summary>
internal readonly record struct ProcessResult(int ExitCode, string Output, string Error);

/// <summary>Runs a program with a time limit.</summary>
internal static class ProcessRunner
{
    /// <summary>Runs it to its end, or kills it and everything it started when the time is up.</summary>
    /// <exception cref="KindlingException">It cannot be started or took too long.</exception>
    public static ProcessResult Run(string program, IEnumerable<string> arguments, string folder, TimeSpan limit)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Messages in the user's language would make the versions in reports differ.
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(limit))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                throw new KindlingException($"{Path.GetFileName(program)} did not end within {limit.TotalSeconds:0.#} s and was stopped");
            }

            return new ProcessResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
        catch (Win32Exception e)
        {
            throw new KindlingException($"{program} cannot be started: {e.Message}", e);
        }
    }
}
