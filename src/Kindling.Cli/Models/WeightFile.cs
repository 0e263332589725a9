using System.Globalization;
using Kindling.Formats.Weights;
using Kindling.Graphs;
using Kindling.Zoo;

namespace Kindling.Cli.Models;

/// <summary>Files of weights that do not describe their network: a network of the zoo is built and filled.</summary>
internal static class WeightFile
{
    private const string DeepCompressionNetwork = "squeezenet_v1.0";

    /// <summary>Builds the network and fills it, all layers.</summary>
    /// <param name="path">Any file that <see cref="WeightSet.Load"/> takes.</param>
    /// <param name="network">The zoo's network; null when the weights are those of a published one.</param>
    /// <param name="input">HEIGHTxWIDTHxCHANNELS or HEIGHTxWIDTH; null takes what the weights were trained for, or the network's own.</param>
    /// <exception cref="KindlingException">The network is not known, or the weights do not fit it.</exception>
    public static (Graph Graph, WeightMapping Mapping, Dictionary<string, string> Description) Open(string path, string? network = null, string? input = null)
    {
        var weights = WeightSet.Load(path);
        if (network is null && weights.Metadata.Preprocessing is null)
            throw new KindlingException($"{path} does not say which network its weights belong to; name it with --network, such as --network {DeepCompressionNetwork}");
        var model = ZooCatalogue.Find(network ?? DeepCompressionNetwork);
        var known = weights.Metadata.Preprocessing;
        var options = model.Defaults with { Classes = ClassesOf(weights), Dropout = 0, DropConnect = 0 };
        if (known is not null)
            options = options with { Height = known.Height, Width = known.Width, Channels = known.Channels };
        if (input is not null)
            options = WithInput(options, input);
        var preprocessing = known is not null && known.Channels == options.Channels ? known with { Height = options.Height, Width = options.Width } : null;
        var names = weights.Metadata.ClassNames.Count == options.Classes ? weights.Metadata.ClassNames : [];
        options = options with { Metadata = weights.Metadata with { Preprocessing = preprocessing, ClassNames = names } };
        var graph = model.Build(options);
        return (graph, weights.ApplyTo(graph, WeightMappingOptions.Strict), ModelFile.Describe(model, options));
    }

    /// <summary>Options with the input of a command line.</summary>
    /// <exception cref="KindlingException">The text is no size.</exception>
    public static ModelOptions WithInput(ModelOptions options, string input)
    {
        var size = input.Split('x').Select(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : 0).ToArray();
        if (size.Length is not (2 or 3) || size.Any(s => s < 1))
            throw new KindlingException($"--input {input} is not HEIGHTxWIDTHxCHANNELS, such as 96x96x3");
        return options with { Height = size[0], Width = size[1], Channels = size.Length == 3 ? size[2] : options.Channels };
    }

    // The classifier is the last layer with weights; its outputs are its biases.
    private static int ClassesOf(WeightSet weights) =>
        weights.Layers.LastOrDefault(l => l.Find(WeightRole.Weights) is not null) is { } head
            ? head.Find(WeightRole.Bias)?.Data.Shape.ElementCount
                ?? (weights.Layout == WeightLayout.Keras ? head.Find(WeightRole.Weights)!.Data.Shape[^1] : head.Find(WeightRole.Weights)!.Data.Shape[0])
            : throw new KindlingException($"{weights.Source} has no layer with weights");
}
