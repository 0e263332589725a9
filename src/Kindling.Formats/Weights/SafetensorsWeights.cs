using Kindling.Formats.DeepCompression;
using Kindling.Formats.Safetensors;
using Kindling.Graphs;

namespace Kindling.Formats.Weights;

/// <summary>Finds the layers of a safetensors file: Kindling's names (<c>conv1/weights</c>) or those of Caffe and PyTorch (<c>conv1.weight</c>).</summary>
internal static class SafetensorsWeights
{
    private static readonly (string Ending, WeightRole Role)[] Kindling =
    [
        ("/weights", WeightRole.Weights), ("/bias", WeightRole.Bias), ("/gamma", WeightRole.Gamma), ("/beta", WeightRole.Beta),
        ("/moving_mean", WeightRole.Mean), ("/moving_variance", WeightRole.Variance),
    ];

    private static readonly (string Ending, WeightRole Role)[] Torch =
    [
        (".weight", WeightRole.Weights), (".bias", WeightRole.Bias), (".running_mean", WeightRole.Mean), (".running_var", WeightRole.Variance),
    ];

    public static WeightSet From(SafetensorsFile file, string path)
    {
        var isTorch = file.Tensors.Any(t => t.Name.EndsWith(".weight", StringComparison.Ordinal));
        var layers = Layers(file, isTorch ? Torch : Kindling);
        if (layers.Count == 0)
            throw new ModelFormatException($"{path} has no tensors called LAYER/weights or LAYER.weight");
        return new WeightSet(path, isTorch ? WeightLayout.Caffe : WeightLayout.Kindling, isTorch ? [.. layers.Select(Normalization)] : layers)
        {
            Metadata = file.Metadata.TryGetValue("metadata", out var json)
                ? MetadataJson.Read(System.Text.Encoding.UTF8.GetBytes(json), path)
                : isTorch && DeepCompressionFile.Describes(layers) ? DeepCompressionFile.Caffe : ModelMetadata.Empty,
        };
    }

    private static List<WeightLayer> Layers(SafetensorsFile file, (string Ending, WeightRole Role)[] endings)
    {
        var found = new List<(string Layer, WeightTensor Tensor)>();
        foreach (var tensor in file.Tensors)
        {
            var (ending, role) = endings.FirstOrDefault(e => tensor.Name.EndsWith(e.Ending, StringComparison.Ordinal));
            // The optimizer's tensors of a checkpoint end like the weights they belong to.
            if (ending is null || tensor.Type is not (SafetensorsType.F32 or SafetensorsType.F16) || tensor.Name.StartsWith("training.", StringComparison.Ordinal))
                continue;
            found.Add((tensor.Name[..^ending.Length], new WeightTensor(tensor.Name, role, tensor.ToTensor())));
        }

        return [.. found.GroupBy(f => f.Layer).Select(g => new WeightLayer(g.Key, [.. g.Select(f => f.Tensor)]))];
    }

    // PyTorch calls gamma and beta weight and bias.
    private static WeightLayer Normalization(WeightLayer layer) => layer.Find(WeightRole.Mean) is null
        ? layer
        : layer with
        {
            Tensors =
            [
                .. layer.Tensors.Select(t => t.Role switch
                {
                    WeightRole.Weights => t with { Role = WeightRole.Gamma },
                    WeightRole.Bias => t with { Role = WeightRole.Beta },
                    _ => t,
                }),
            ],
        };
}
