using Kindling.Graphs;

namespace Kindling.Zoo;

/// <summary>A network of the zoo: its names and how it is built.</summary>
/// <param name="Name">The plain name: <c>mobilenet_v1_0.25</c>.</param>
/// <param name="Family">The name in a <c>training.model</c> section: <c>mobilenet</c>.</param>
/// <param name="Version">The version there: <c>v1</c>.</param>
/// <param name="Alpha">The width factor there; null for networks without one.</param>
/// <param name="Description">One sentence for lists.</param>
/// <param name="Build">Builds the network with fresh weights.</param>
public sealed record ZooModel(
    string Name, string Family, string Version, double? Alpha, string Description, Func<ModelOptions, Graph> Build)
{
    /// <summary>Other plain names that are understood.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The input and the number of classes it was published for.</summary>
    public ModelOptions Defaults { get; init; } = new();

    /// <summary>Where it was published.</summary>
    public string Paper { get; init; } = "";
}
