namespace Kindling.Reports.Cards;

/// <summary>What one inference may take on a board.</summary>
/// <param name="Milliseconds">The estimate; null when there is only a bound.</param>
/// <param name="LowestMilliseconds">The lower bound.</param>
/// <param name="Error">Mean relative error of the estimate on times that were left out of the fit, as a share; null without an estimate.</param>
/// <param name="FamilyError">The same with all networks of a family left out.</param>
/// <param name="Basis">How the figures came about.</param>
public sealed record CardTime(double? Milliseconds, double LowestMilliseconds, double? Error, double? FamilyError, string Basis)
{
    /// <summary>The figures as a sentence.</summary>
    public string ToSentence() => Milliseconds is { } estimate && Error is { } error && FamilyError is { } family
        ? FormattableString.Invariant(
            $"The estimated time is {estimate:G3} ms, at least {LowestMilliseconds:G3} ms: {Basis}. The estimate's error on published times left out of the fit is {error * 100:F0} % on average, {family * 100:F0} % for a family of networks left out; nobody ran this C on the board.")
        : FormattableString.Invariant($"The time is at least {LowestMilliseconds:G3} ms: {Basis}.");
}
