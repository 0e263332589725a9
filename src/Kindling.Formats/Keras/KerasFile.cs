using Kindling.Formats.Weights;

namespace Kindling.Formats.Keras;

/// <summary>
/// Reads the HDF5 files of Keras 2: whole models (<c>model.save</c>) and weights alone (<c>save_weights</c>). Each layer is a group that
/// lists its tensors in <c>weight_names</c>; the order of the layers is <c>layer_names</c>.
/// </summary>
internal static class KerasFile
{
    private const string Weights = "model_weights";

    /// <summary>The weights of all layers that have some, in the model's order.</summary>
    public static WeightSet ReadWeights(string path)
    {
        using var file = new Hdf5File(path);
        return new WeightSet(path, WeightLayout.Keras, ReadLayers(file, path));
    }

    /// <summary>The architecture as Keras' JSON, null when the file holds weights alone, and the weights.</summary>
    public static (string? Configuration, WeightSet Weights) Read(string path)
    {
        using var file = new Hdf5File(path);
        return (file.Text("/", "model_config"), new WeightSet(path, WeightLayout.Keras, ReadLayers(file, path)));
    }

    private static List<WeightLayer> ReadLayers(Hdf5File file, string path)
    {
        var root = file.Exists($"/{Weights}") ? $"/{Weights}" : "/";
        var prefix = root == "/" ? "" : root;
        var names = List(file, root, "layer_names")
            ?? throw new ModelFormatException($"{path} is not a Keras model: {root} has no layer_names");
        var layers = new List<WeightLayer>();
        foreach (var name in names)
        {
            var group = $"{prefix}/{name}";
            var tensors = List(file, group, "weight_names") ?? [];
            if (tensors.Count == 0)
                continue;
            // A model inside the model lists its layers' tensors in one group: "block/conv1/kernel:0" belongs to block/conv1.
            foreach (var layer in tensors.GroupBy(t => LayerOf(t, name)))
            {
                layers.Add(new WeightLayer(
                    layer.Key, [.. layer.Select(t => new WeightTensor(t, Role(t, path), file.Floats($"{group}/{t}")))],
                    layer.Any(t => t.Contains("depthwise_kernel", StringComparison.Ordinal))));
            }
        }

        return layers;
    }

    // Attributes over 64 kB are cut into name0, name1, ...
    private static IReadOnlyList<string>? List(Hdf5File file, string group, string attribute)
    {
        if (file.Texts(group, attribute) is { } whole)
            return whole;
        var parts = new List<string>();
        for (var i = 0; file.Texts(group, $"{attribute}{i}") is { } part; i++)
            parts.AddRange(part);
        return parts.Count > 0 ? parts : null;
    }

    private static string LayerOf(string tensor, string group)
    {
        var slash = tensor.LastIndexOf('/');
        return slash < 0 ? group : tensor[..slash];
    }

    private static WeightRole Role(string tensor, string path)
    {
        var name = tensor[(tensor.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return (colon < 0 ? name : name[..colon]) switch
        {
            "kernel" or "depthwise_kernel" => WeightRole.Weights,
            "bias" => WeightRole.Bias,
            "gamma" => WeightRole.Gamma,
            "beta" => WeightRole.Beta,
            "moving_mean" => WeightRole.Mean,
            "moving_variance" => WeightRole.Variance,
            var other => throw new ModelFormatException(
                $"{path}: {tensor} is a {other}; layers with kernel, depthwise_kernel, bias, gamma, beta, moving_mean and moving_variance are read"),
        };
    }
}
