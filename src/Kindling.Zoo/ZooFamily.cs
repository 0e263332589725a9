namespace Kindling.Zoo;

/// <summary>Networks of one design. A new family is one file with its builders and a <see cref="ZooFamily"/>, and one entry in <see cref="ZooCatalogue"/>.</summary>
/// <param name="Name">The name in a <c>training.model</c> section.</param>
/// <param name="Models">The members with a name.</param>
public sealed record ZooFamily(string Name, IReadOnlyList<ZooModel> Models)
{
    /// <summary>The member for any width factor; null when the widths of the family are fixed.</summary>
    public Func<double, ZooModel>? Scaled { get; init; }
}
