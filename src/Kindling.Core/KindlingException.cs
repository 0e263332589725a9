namespace Kindling;

/// <summary>
/// A fault whose message is meant for the user: it names the file, key or operator, what was found and what is allowed.
/// The command line prints the message without a stack trace and ends with exit code 1.
/// </summary>
public class KindlingException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KindlingException()
    {
    }

    /// <summary>Creates the exception with its message.</summary>
    public KindlingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its message and cause.</summary>
    public KindlingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
