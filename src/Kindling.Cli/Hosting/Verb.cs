using System.CommandLine;

namespace Kindling.Cli.Hosting;

/// <summary>One verb of the command line.</summary>
internal abstract class Verb
{
    /// <summary>Describes the verb.</summary>
    /// <param name="name">What one types.</param>
    /// <param name="summary">One sentence on what it does.</param>
    /// <param name="examples">Command lines that show how it is used.</param>
    protected Verb(string name, string summary, params string[] examples)
    {
        Command = new Command(name, summary);
        Examples = examples;
    }

    /// <summary>The command with its options and arguments.</summary>
    public Command Command { get; }

    /// <summary>Command lines that show how it is used.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does it.</summary>
    public abstract VerbResult Run(ParseResult arguments, VerbContext context);

    /// <summary>Adds an argument.</summary>
    protected Argument<T> Add<T>(Argument<T> argument)
    {
        Command.Arguments.Add(argument);
        return argument;
    }

    /// <summary>Adds an option.</summary>
    protected Option<T> Add<T>(Option<T> option)
    {
        Command.Options.Add(option);
        return option;
    }
}
