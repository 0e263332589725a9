using System.Globalization;
using Kindling.Deployment;

namespace Kindling.Cli.Verbs;

/// <summary>An estimated time as a phrase.</summary>
internal static class TimeText
{
    /// <summary><c>about 37 ms (leave-one-out error 6 %, 26 % by family; at least 14 ms)</c>, <c>at least 90 ms</c>, or <c>not estimated</c>.</summary>
    public static string Of(TimeEstimate? time) => time switch
    {
        null => "not estimated",
        { Milliseconds: { } estimate, Error: { } error, FamilyError: { } family } => string.Create(
            CultureInfo.InvariantCulture, $"about {Number(estimate)} ms (leave-one-out error {error * 100:F0} %, {family * 100:F0} % by family; at least {Number(time.LowestMilliseconds)} ms)"),
        _ => $"at least {Number(time.LowestMilliseconds)} ms",
    };

    private static string Number(double milliseconds) => milliseconds.ToString(milliseconds < 10 ? "F2" : milliseconds < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);
}
