using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Cli.Models;

/// <summary>Opens the float model that an int8 model was made from, and says so when it cannot be that.</summary>
internal static class FloatCounterpart
{
    // Share of the pixels' range by which the two may differ: an int8 input's zero point is rounded by half a step of 255.
    private const double MostDifference = 0.01;

    /// <summary>Opens it. It is fed what the int8 model is fed, so it need not say how photos are prepared.</summary>
    /// <param name="path">A float model file.</param>
    /// <param name="int8">The int8 model.</param>
    /// <exception cref="KindlingException">It is int8 itself, or takes other images, tells other classes apart or prepares photos otherwise than the int8 model.</exception>
    public static Graph Open(string path, LoadedModel int8)
    {
        var graph = ModelFile.Read(path);
        if (graph.Inputs[0].Type.IsQuantized() || graph.Nodes.Any(n => n.Output.Type.IsQuantized()))
            throw new KindlingException($"--float {path} is quantized itself; name the float model that {int8.Path} was made from, or leave --float out");
        var (input, other) = (graph.Inputs[0].Shape, int8.Graph.Inputs[0].Shape);
        if (!input.Equals(other))
            throw Mismatch($"takes {input.ToSizeString()} images, {int8.Path} {other.ToSizeString()}");
        var (classes, otherClasses) = (graph.Outputs[0].Shape.ElementCount, int8.Graph.Outputs[0].Shape.ElementCount);
        if (classes != otherClasses)
            throw Mismatch($"tells {classes} classes apart, {int8.Path} {otherClasses}");
        var (names, otherNames) = (graph.Metadata.ClassNames, int8.Graph.Metadata.ClassNames);
        if (names.Count > 0 && otherNames.Count > 0 && !names.SequenceEqual(otherNames))
            throw Mismatch($"has the classes {string.Join(", ", names)}, {int8.Path} {string.Join(", ", otherNames)}");
        if (graph.Metadata.Preprocessing is { } preprocessing && Differs(preprocessing, int8.Preprocessing))
            throw Mismatch($"takes pixels as {Describe(preprocessing)}, {int8.Path} as {Describe(int8.Preprocessing)}");
        return graph.With(graph.Metadata with { Preprocessing = int8.Preprocessing });

        KindlingException Mismatch(string difference) => new($"--float {path} is not the model that int8 was made from: it {difference}");
    }

    private static bool Differs(Preprocessing a, Preprocessing b) => a.Color != b.Color || a.Standardization != b.Standardization
        || Enumerable.Range(0, a.Channels).Any(c =>
            Math.Abs(a.OffsetOf(c) - b.OffsetOf(c)) > MostDifference * 255 * Math.Abs(a.ScaleOf(c))
            || Math.Abs(a.ScaleOf(c) - b.ScaleOf(c)) > MostDifference * Math.Abs(a.ScaleOf(c)));

    private static string Describe(Preprocessing p) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{p.Color.ToString().ToLowerInvariant()} from {p.OffsetOf(0):G3} to {(p.ScaleOf(0) * 255) + p.OffsetOf(0):G3}{(p.Standardization == Standardization.None ? "" : ", standardised")}");
}
