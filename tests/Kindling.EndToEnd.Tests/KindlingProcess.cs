using System.Diagnostics;
using System.Text;

namespace Kindling.EndToEnd.Tests;

/// <summary>The program as a user starts it: a process of its own, with its own signals, environment and exit code.</summary>
internal sealed class KindlingProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private KindlingProcess(IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments)
    {
        // A shell's background job ignores Ctrl-C, and so would all that these tests start from one; env becomes the program, so its process id stays.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--default-signal=INT");
        start.ArgumentList.Add(Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "kindling.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Collect(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Collect(_error, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What was written to standard output so far.</summary>
    public string Output => Text(_output);

    /// <summary>What was written to standard error so far.</summary>
    public string Error => Text(_error);

    /// <summary>Starts the program.</summary>
    public static KindlingProcess Start(params string[] arguments) => new(null, arguments);

    /// <summary>Runs the program to its end and returns its exit code with what it wrote.</summary>
    public static (int ExitCode, string Output, string Error) Run(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = new KindlingProcess(environment, arguments);
        return (process.WaitForExit(), process.Output, process.Error);
    }

    /// <summary>Waits until standard error holds a text.</summary>
    public void WaitFor(string text)
    {
        var watch = Stopwatch.StartNew();
        while (!Error.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited || watch.Elapsed > Limit)
                Assert.Fail($"'{text}' never came; standard error was:\n{Error}");
            Thread.Sleep(10);
        }
    }

    /// <summary>Sends a signal by name, as the shell's <c>kill</c> does.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, _process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>Kills the program with SIGKILL; false when it had ended by itself.</summary>
    public bool TryKill()
    {
        if (_process.HasExited)
            return false;
        Signal("KILL");
        return WaitForExit() != 0;
    }

    /// <summary>The exit code, once the program has ended.</summary>
    public int WaitForExit()
    {
        if (!_process.WaitForExit(Limit))
            Assert.Fail($"the program did not end; standard error was:\n{Error}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static void Collect(StringBuilder builder, string? line)
    {
        if (line is null)
            return;
        lock (builder)
            builder.AppendLine(line);
    }

    private static string Text(StringBuilder builder)
    {
        lock (builder)
            return builder.ToString();
    }
}
