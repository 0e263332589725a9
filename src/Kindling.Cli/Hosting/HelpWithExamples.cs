using System.CommandLine;
using System.CommandLine.Invocation;

namespace Kindling.Cli.Hosting;

/// <summary>The usual help, with the verb's examples below.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help, IReadOnlyList<Verb> verbs) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (verbs.FirstOrDefault(v => v.Command == parseResult.CommandResult.Command) is not { } verb)
        {
            output.WriteLine("Begin with: kindling quickstart");
            return code;
        }

        output.WriteLine(verb.Examples.Count == 1 ? "Example:" : "Examples:");
        foreach (var example in verb.Examples)
            output.WriteLine($"  {example}");
        return code;
    }
}
