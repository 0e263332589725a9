using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Kindling.Cli.Configuration;

/// <summary>Replaces <c>${VARIABLE}</c> by an environment variable and <c>${now:%Y_%m_%d}</c> by the time the run began.</summary>
internal sealed partial class Placeholders(Func<string, string?> variable, DateTime now)
{
    /// <summary>Replaces every placeholder of a text.</summary>
    /// <param name="text">The text as written.</param>
    /// <param name="problem">Receives what could not be replaced, or null.</param>
    public string Expand(string text, out string? problem)
    {
        string? found = null;
        var expanded = Pattern().Replace(text, match =>
        {
            var name = match.Groups["name"].Value;
            if (name.StartsWith("now:", StringComparison.Ordinal))
                return Format(name[4..]);
            name = name.StartsWith("oc.env:", StringComparison.Ordinal) ? name[7..] : name;
            var value = variable(name);
            if (value is null)
                found ??= $"the environment variable {name} is not set";
            return value ?? match.Value;
        });
        problem = found;
        return expanded;
    }

    private string Format(string pattern)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || i + 1 == pattern.Length)
            {
                text.Append(pattern[i]);
                continue;
            }

            text.Append(pattern[++i] switch
            {
                'Y' => now.ToString("yyyy", CultureInfo.InvariantCulture),
                'm' => now.ToString("MM", CultureInfo.InvariantCulture),
                'd' => now.ToString("dd", CultureInfo.InvariantCulture),
                'H' => now.ToString("HH", CultureInfo.InvariantCulture),
                'M' => now.ToString("mm", CultureInfo.InvariantCulture),
                'S' => now.ToString("ss", CultureInfo.InvariantCulture),
                'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                '%' => "%",
                var other => $"%{other}",
            });
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\$\{(?<name>[^{}]+)\}")]
    private static partial Regex Pattern();
}
