using System.Text.Json;
using Kindling.Formats.Weights;
using Kindling.Graphs;

namespace Kindling.Formats.Keras;

/// <summary>
/// Reads whole models that Keras 2 saved as HDF5 (<c>model.save("x.h5")</c>): the network is rebuilt from its <c>model_config</c>, layer by layer
/// under Keras' names, and filled with the weights. Such files say neither how pixels are prepared nor what the classes are called.
/// </summary>
public static class KerasReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="KindlingException">The file cannot be read, or libhdf5 is not installed.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, holds weights alone, or a layer that is not supported; the message names it.</exception>
    public static Graph Read(string path) => Read(path, out _);

    /// <summary>Reads a file and tells which of its tensors went where.</summary>
    /// <exception cref="KindlingException">The file cannot be read, or libhdf5 is not installed.</exception>
    /// <exception cref="ModelFormatException">The file is damaged, holds weights alone, or a layer that is not supported; the message names it.</exception>
    public static Graph Read(string path, out WeightMapping mapping)
    {
        var (configuration, weights) = KerasFile.Read(path);
        if (configuration is null)
            throw new ModelFormatException($"{path} holds weights without a network; name the network they belong to");
        var graph = Build(configuration, weights.ParameterCount, path);
        mapping = weights.ApplyTo(graph, WeightMappingOptions.Strict);
        return graph;
    }

    /// <summary>Builds the network of a configuration.</summary>
    /// <param name="configuration">Keras' JSON.</param>
    /// <param name="parameters">The numbers at hand to fill it: it may not have more.</param>
    /// <param name="file">What messages call the file.</param>
    internal static Graph Build(string configuration, long parameters, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(configuration, new JsonDocumentOptions { MaxDepth = 32 });
            return new KerasNetwork(document.RootElement, parameters, file).Build();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"{file}: model_config is not JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException or OverflowException or IndexOutOfRangeException or GraphException)
        {
            throw new ModelFormatException($"{file}: model_config makes no valid network: {e.Message}", e);
        }
    }
}
