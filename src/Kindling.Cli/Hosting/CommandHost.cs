using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Kindling.Cli.Verbs;
using Kindling.Text;

namespace Kindling.Cli.Hosting;

/// <summary>The command line: finds the verb, runs it, and turns its outcome into output and an exit code.</summary>
internal static class CommandHost
{
    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">What was typed after <c>kindling</c>.</param>
    /// <param name="output">Standard output: results only.</param>
    /// <param name="error">Standard error: progress, messages, faults.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document on standard output and nothing else.", Recursive = true };
        var root = new RootCommand("Kindling trains tiny image classifiers, quantizes them to int8 and turns them into plain C for a microcontroller.");
        root.Options.Add(json);
        var verbs = AllVerbs();
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, verbs);
        foreach (var verb in verbs)
        {
            verb.Command.SetAction(parsed => Execute(verb, parsed, parsed.GetValue(json), arguments, output, error));
            root.Subcommands.Add(verb.Command);
        }

        var result = root.Parse(arguments.Length == 0 ? ["--help"] : arguments);
        if (result.Action is ParseErrorAction)
        {
            return Fail(ExitCode.UserInput, ParseFault(result, root), arguments.Contains("--json"), output, error);
        }

        return result.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>All verbs in the order of a project.</summary>
    internal static IReadOnlyList<Verb> AllVerbs() =>
    [
        new QuickstartVerb(), new RunVerb(), new TrainVerb(), new ScheduleVerb(), new AverageVerb(), new EvaluateVerb(), new QuantizeVerb(), new VerifyVerb(), new PredictVerb(), new ConvertVerb(),
        new BenchmarkVerb(), new DeployVerb(), new CardVerb(), new ZooVerb(), new ShowVerb(), new AugmentVerb(), new TraceVerb(),
    ];

    private static int Execute(Verb verb, ParseResult parsed, bool isJson, string[] arguments, TextWriter output, TextWriter error)
    {
        using var interruption = new Interruption(error);
        var isInteractive = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("CI") is null;
        var context = new VerbContext(new Terminal(error, isInteractive), CommandLine(arguments), interruption.Token);
        try
        {
            var result = verb.Run(parsed, context);
            if (isJson)
                output.WriteLine(JsonText.Write(result.Document));
            else if (result.Text is not null)
                output.WriteLine(result.Text);
            if (result.FailedCheck is null)
                return ExitCode.Done;
            error.WriteLine($"check failed: {result.FailedCheck}");
            return ExitCode.FailedCheck;
        }
        catch (OperationCanceledException e)
        {
            return Fail(ExitCode.Interrupted, e is InterruptedException ? e.Message : "interrupted", isJson, output, error);
        }
        catch (KindlingException e)
        {
            return Fail(ExitCode.UserInput, e.Message, isJson, output, error);
        }
        catch (Exception e)
        {
            var trace = Environment.GetEnvironmentVariable("KINDLING_TRACE") is null
                ? "Set KINDLING_TRACE=1 to see where, and please report it with the command line."
                : e.ToString();
            return Fail(ExitCode.Internal, $"a fault of Kindling itself ({e.GetType().Name}): {e.Message}\n{trace}", isJson, output, error);
        }
    }

    private static string ParseFault(ParseResult result, RootCommand root)
    {
        var command = result.CommandResult.Command;
        var see = $"\nSee kindling{(command == root ? "" : $" {command.Name}")} --help.";
        if (command == root && result.UnmatchedTokens is [var unknown, ..] && unknown[0] != '-')
        {
            var names = root.Subcommands.Select(c => c.Name).ToList();
            return $"unknown command '{unknown}'{Suggestion.DidYouMean(unknown, names)}; allowed: {string.Join(", ", names)}{see}";
        }

        var options = command.Options.Concat(root.Options).Select(o => o.Name).ToList();
        var hints = result.UnmatchedTokens.Where(t => t.StartsWith('-')).Select(t => (Typed: t, Near: Suggestion.Nearest(t, options)))
            .Where(h => h.Near is not null).Select(h => $"Did you mean {h.Near} instead of {h.Typed}?");
        return string.Join('\n', result.Errors.Select(e => e.Message).Concat(hints)) + see;
    }

    private static int Fail(int code, string message, bool isJson, TextWriter output, TextWriter error)
    {
        if (isJson)
            output.WriteLine(JsonText.Write(new { Error = message, ExitCode = code }));
        error.WriteLine(code == ExitCode.Interrupted ? message : $"kindling: {message}");
        return code;
    }

    private static string CommandLine(string[] arguments) =>
        string.Join(' ', arguments.Prepend("kindling").Select(a => a.Length > 0 && a.All(c => !char.IsWhiteSpace(c) && c is not ('"' or '\'' or '$' or '{' or '(')) ? a : $"'{a}'"));
}
