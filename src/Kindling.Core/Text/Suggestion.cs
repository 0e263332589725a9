namespace Kindling.Text;

/// <summary>Finds the name a user probably meant.</summary>
public static class Suggestion
{
    /// <summary>
    /// The candidate with the fewest insertions, deletions, replacements and swaps of neighbours away from <paramref name="text"/> (case
    /// ignored); null when even that one differs in more than half of its characters. Of equals the first.
    /// </summary>
    public static string? Nearest(string text, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(candidates);
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in candidates)
        {
            var distance = Distance(text, candidate);
            if (distance < least && distance <= Math.Max(text.Length, candidate.Length) / 2)
                (best, least) = (candidate, distance);
        }

        return best;
    }

    /// <summary>The nearest candidate as the end of a message, <c>" (did you mean x?)"</c>; empty when none is near.</summary>
    public static string DidYouMean(string text, IEnumerable<string> candidates) =>
        Nearest(text, candidates) is { } nearest ? $" (did you mean {nearest}?)" : "";

    // Optimal string alignment distance (Damerau 1964).
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                var cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }

    private static bool Same(char x, char y) => char.ToUpperInvariant(x) == char.ToUpperInvariant(y);
}
