namespace Kindling.Graphs;

/// <summary>A graph that makes no sense: shapes that do not fit, a value used before it is produced, a name used twice.</summary>
public sealed class GraphException : KindlingException
{
    /// <summary>Creates the exception.</summary>
    public GraphException()
    {
    }

    /// <summary>Creates the exception with a message that names the node.</summary>
    public GraphException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its message and cause.</summary>
    public GraphException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
