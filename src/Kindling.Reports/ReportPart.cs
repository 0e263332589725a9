namespace Kindling.Reports;

/// <summary>A part of a report: its content, or why there is none. Made by <see cref="ReportPart"/>.</summary>
/// <typeparam name="T">The content.</typeparam>
public sealed record ReportPart<T>
    where T : class
{
    internal ReportPart(T? content, string? reason)
    {
        Content = content;
        Reason = reason;
    }

    /// <summary>The content, or null.</summary>
    public T? Content { get; }

    /// <summary>Why there is no content; null when there is.</summary>
    public string? Reason { get; }
}

/// <summary>Makes parts of a report.</summary>
public static class ReportPart
{
    /// <summary>A part that is there.</summary>
    public static ReportPart<T> Of<T>(T content)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(content);
        return new ReportPart<T>(content, null);
    }

    /// <summary>A part that is not there.</summary>
    /// <param name="reason">A sentence that says why, and what to do about it.</param>
    public static ReportPart<T> Missing<T>(string reason)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new ReportPart<T>(null, reason);
    }
}
