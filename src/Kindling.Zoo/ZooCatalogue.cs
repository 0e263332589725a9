using System.Globalization;
using Kindling.Text;

namespace Kindling.Zoo;

/// <summary>All networks of the zoo, by plain name or by the name, version and alpha of a <c>user_config.yaml</c>.</summary>
public static class ZooCatalogue
{
    /// <summary>The families.</summary>
    public static IReadOnlyList<ZooFamily> Families { get; } = [SqueezeNet.Family, MobileNetV1.Family, StEfficientNetLc.Family, EfficientNet.Family];

    /// <summary>Every network with a name.</summary>
    public static IReadOnlyList<ZooModel> Models { get; } = [.. Families.SelectMany(f => f.Models)];

    /// <summary>Finds a network by its plain name or an alias; case does not matter.</summary>
    /// <exception cref="KindlingException">There is none; the message lists the names and the nearest.</exception>
    public static ZooModel Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Models.FirstOrDefault(m => m.Aliases.Append(m.Name).Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? throw new KindlingException(
                $"the zoo has no model '{name}'{Suggestion.DidYouMean(name, Models.SelectMany(m => m.Aliases.Append(m.Name)))}; it has "
                + string.Join(", ", Models.Select(m => m.Name)));
    }

    /// <summary>Finds a network as <c>training.model</c> names it.</summary>
    /// <param name="name">The family, or a plain name when neither version nor alpha is given.</param>
    /// <param name="version">The version; null when the family has only one.</param>
    /// <param name="alpha">The width factor; required by families that have one, not allowed for others.</param>
    /// <exception cref="KindlingException">There is no such network; the message names the key at fault and what is allowed.</exception>
    public static ZooModel Find(string name, string? version, double? alpha)
    {
        ArgumentNullException.ThrowIfNull(name);
        var family = Families.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (family is null)
        {
            if (version is null && alpha is null)
                return Find(name);
            if (Models.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } named)
            {
                var key = version is null ? "alpha" : "version";
                throw new KindlingException($"training.model.{key}: {named.Name} says all; remove the key, or give the family {named.Family} as name");
            }

            throw new KindlingException(
                $"training.model.name: there is no '{name}'{Suggestion.DidYouMean(name, Families.Select(f => f.Name))}; allowed are "
                + string.Join(", ", Families.Select(f => f.Name)));
        }

        var versions = family.Models.Select(m => m.Version).Distinct().ToList();
        if (version is null && versions.Count > 1)
            throw new KindlingException($"training.model.version: {name} needs one of {string.Join(", ", versions)}");
        version ??= versions[0];
        var members = family.Models.Where(m => m.Version.Equals(version, StringComparison.OrdinalIgnoreCase)).ToList();
        if (members.Count == 0)
        {
            throw new KindlingException(
                $"training.model.version: {name} has no '{version}'{Suggestion.DidYouMean(version, versions)}; allowed are {string.Join(", ", versions)}");
        }

        if (members[0].Alpha is null)
        {
            return alpha is null
                ? members[0]
                : throw new KindlingException($"training.model.alpha: {name} {version} has fixed widths; remove the key");
        }

        if (alpha is null)
            throw new KindlingException($"training.model.alpha: {name} {version} needs one, for example {Alphas(members)}");
        return members.FirstOrDefault(m => m.Alpha == alpha) ?? family.Scaled?.Invoke(alpha.Value)
            ?? throw new KindlingException($"training.model.alpha: {name} {version} comes with {Alphas(members)}, not {alpha}");
    }

    private static string Alphas(IEnumerable<ZooModel> members) =>
        string.Join(", ", members.Select(m => m.Alpha!.Value.ToString(CultureInfo.InvariantCulture)));
}
