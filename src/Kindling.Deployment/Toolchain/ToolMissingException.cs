namespace Kindling.Deployment;

/// <summary>A program of the tool chain is not installed. Callers that can do without it catch this and say what they skipped.</summary>
public sealed class ToolMissingException : KindlingException
{
    /// <summary>Creates the exception.</summary>
    public ToolMissingException()
        : this("a tool", "")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public ToolMissingException(string message)
        : base(message)
    {
        Tool = "";
        Package = "";
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ToolMissingException(string message, Exception innerException)
        : base(message, innerException)
    {
        Tool = "";
        Package = "";
    }

    /// <summary>Creates the exception for a program.</summary>
    /// <param name="tool">The program: <c>arm-none-eabi-gcc</c>.</param>
    /// <param name="package">The Debian packages that hold it.</param>
    public ToolMissingException(string tool, string package)
        : base($"{tool} is not installed; on Debian or Ubuntu: apt-get install {package}")
    {
        Tool = tool;
        Package = package;
    }

    /// <summary>The program.</summary>
    public string Tool { get; }

    /// <summary>The Debian packages that hold it, separated by spaces.</summary>
    public string Package { get; }
}
