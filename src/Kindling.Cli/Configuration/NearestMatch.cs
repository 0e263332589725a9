namespace Kindling.Cli.Configuration;

/// <summary>Finds what a misspelt word was meant to be, by the edit distance of Levenshtein (1966).</summary>
internal static class NearestMatch
{
    /// <summary>The candidate closest to a word; null when none is close enough to be meant (more than a third of the letters differ).</summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        var nearest = candidates
            .Select(c => (Candidate: c, Distance: Distance(Normalise(word), Normalise(c))))
            .OrderBy(c => c.Distance).ThenBy(c => c.Candidate, StringComparer.Ordinal)
            .FirstOrDefault((Candidate: "", Distance: int.MaxValue));
        return nearest.Distance <= Math.Max(1, Math.Max(word.Length, nearest.Candidate.Length) / 3) ? nearest.Candidate : null;
    }

    /// <summary>Fewest insertions, deletions and replacements that turn one word into the other.</summary>
    public static int Distance(string first, string second)
    {
        var previous = Enumerable.Range(0, second.Length + 1).ToArray();
        var current = new int[second.Length + 1];
        for (var i = 1; i <= first.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var replaced = previous[j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[second.Length];
    }

    private static string Normalise(string word) => word.ToUpperInvariant().Replace('-', '_');
}
