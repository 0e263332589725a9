using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Formats.Safetensors;

/// <summary>The float constants of a graph (weights, biases, statistics) as a safetensors file: one tensor a value, under the value's name.</summary>
public static class ModelWeights
{
    /// <summary>Writes all float constants of a graph.</summary>
    /// <exception cref="KindlingException">The folder cannot be written.</exception>
    public static void Save(Graph graph, string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        new SafetensorsFile(Tensors(graph), metadata).Write(path);

    /// <summary>The float constants of a graph in order of first use.</summary>
    public static IReadOnlyList<SafetensorsTensor> Tensors(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return [.. FloatConstants(graph).Select(v => new SafetensorsTensor(v.Name, v.Constant!))];
    }

    /// <summary>Fills the float constants of a graph from a file written by <see cref="Save"/>.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, superfluous, or of another shape or type; the message names it.</exception>
    public static void Load(Graph graph, string path) => Load(graph, SafetensorsFile.Read(path), path);

    /// <summary>Fills the float constants of a graph. Nothing is changed when the file does not fit.</summary>
    /// <param name="graph">The graph whose constants are overwritten.</param>
    /// <param name="file">The tensors.</param>
    /// <param name="name">What error messages call the file.</param>
    /// <param name="isOther">Tensors that belong to something else, an optimizer for example, and are not missed by the graph.</param>
    /// <exception cref="ModelFormatException">A tensor is missing, superfluous, or of another shape or type; the message names it.</exception>
    public static void Load(Graph graph, SafetensorsFile file, string name, Func<string, bool>? isOther = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(file);
        var constants = FloatConstants(graph).ToList();
        var known = constants.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        var superfluous = file.Tensors.Select(t => t.Name).Where(n => !known.Contains(n) && isOther?.Invoke(n) != true).ToList();
        var missing = constants.Select(v => v.Name).Where(n => file.Find(n) is null).ToList();
        if (missing.Count > 0 || superfluous.Count > 0)
        {
            throw new ModelFormatException(
                $"{name} does not fit {graph.Name}:{Listed(" missing ", missing)}{Listed(" superfluous ", superfluous)}");
        }

        foreach (var value in constants)
        {
            var tensor = file.Find(value.Name)!;
            if (!tensor.Shape.Equals(value.Shape))
                throw new ModelFormatException($"{name}: {value.Name} is {tensor.Shape} in the file and {value.Shape} in {graph.Name}");
            if (tensor.Type is not (SafetensorsType.F32 or SafetensorsType.F16))
                throw new ModelFormatException($"{name}: {value.Name} is {tensor.Type}, not F32 or F16");
        }

        foreach (var value in constants)
            file.Find(value.Name)!.ToTensor().AsSpan<float>().CopyTo(value.Constant!.AsSpan<float>());
    }

    private static IEnumerable<Value> FloatConstants(Graph graph) => graph.Constants.Where(v => v.Type == ElementType.Float32);

    private static string Listed(string what, List<string> names)
    {
        const int Most = 5;
        if (names.Count == 0)
            return "";
        var more = names.Count > Most ? $" and {names.Count - Most} more" : "";
        return $"{what}{string.Join(", ", names.Take(Most))}{more};";
    }
}
