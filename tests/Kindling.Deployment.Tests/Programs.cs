namespace Kindling.Deployment.Tests;

/// <summary>Programs that only some tests need.</summary>
internal static class Programs
{
    /// <summary>Skips the running test when a program is not installed.</summary>
    public static void Require(params string[] programs)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (programs.FirstOrDefault(p => !folders.Any(f => File.Exists(Path.Combine(f, p)))) is { } missing)
            Assert.Skip($"{missing} is not installed");
    }

    /// <summary>Runs a program that must succeed without a warning and gives what it printed.</summary>
    public static string Run(string folder, string program, params IEnumerable<string> arguments)
    {
        var result = ProcessRunner.Run(program, arguments, folder, TimeSpan.FromMinutes(4));
        Assert.True(result.ExitCode == 0, $"{program}: {result.Output}{result.Error}");
        Assert.DoesNotContain("warning", result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
        return result.Output;
    }
}
