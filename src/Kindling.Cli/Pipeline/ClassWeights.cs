using Kindling.Cli.Configuration;
using Kindling.Data;

namespace Kindling.Cli.Pipeline;

/// <summary>Weights of the classes as the training takes them.</summary>
internal static class ClassWeights
{
    /// <summary>A weight for each class of the photos; null when all photos weigh the same.</summary>
    /// <exception cref="KindlingException">A class is not one of the photos', or there is another number of weights.</exception>
    public static IReadOnlyList<float>? Of(ClassWeightsConfig? config, DecodedImageCache photos)
    {
        if (config is null)
            return null;
        var names = photos.ClassNames;
        if (config.IsBalanced)
        {
            var counts = new int[names.Count];
            foreach (var label in photos.Labels)
                counts[label]++;
            // As scikit-learn's "balanced": the weights of all photos add up to their number.
            return [.. counts.Select(c => c == 0 ? 0 : photos.Count / ((float)names.Count * c))];
        }

        if (config.InOrder.Count > 0)
        {
            return config.InOrder.Count == names.Count
                ? [.. config.InOrder.Select(w => (float)w)]
                : throw new KindlingException($"training.class_weights: {config.InOrder.Count} weights for {names.Count} classes: {string.Join(", ", names)}");
        }

        var unknown = config.ByName.Keys.Except(names).ToList();
        return unknown.Count == 0
            ? [.. names.Select(n => (float)config.ByName.GetValueOrDefault(n, 1))]
            : throw new KindlingException($"training.class_weights: there is no class {string.Join(", ", unknown)}; there are {string.Join(", ", names)}");
    }
}
