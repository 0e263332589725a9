using System.Globalization;
using Kindling.Zoo;

namespace Kindling.Cli.Models;

/// <summary>Finds the ImageNet weights of a network of the zoo on this machine; Kindling downloads nothing.</summary>
internal static class PretrainedWeights
{
    private const string Variable = "KINDLING_WEIGHTS";

    /// <summary>The sizes Keras publishes MobileNet's weights for; other sizes take those of the largest.</summary>
    private static readonly int[] Sizes = [224, 192, 160, 128];

    /// <summary>The file of a network's weights.</summary>
    /// <param name="model">The network.</param>
    /// <param name="size">Rows of its input: weights trained at that size are preferred.</param>
    /// <exception cref="KindlingException">There is none; the message says where and under which names it was looked for.</exception>
    public static string Find(ZooModel model, int size)
    {
        var folders = new[] { Environment.GetEnvironmentVariable(Variable), Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".keras", "models") }
            .Where(f => !string.IsNullOrEmpty(f)).Cast<string>().ToList();
        var names = Names(model, Sizes.Contains(size) ? size : Sizes[0]).ToList();
        return folders.SelectMany(f => names.Select(n => Path.Combine(f, n))).FirstOrDefault(File.Exists)
            ?? throw new KindlingException(
                $"no ImageNet weights for {model.Name} are at hand. Put one of {string.Join(", ", names)} into {string.Join(" or ", folders)}"
                + $" (the environment variable {Variable} names another folder), or name a file as training.model.pretrained_model_path");
    }

    private static IEnumerable<string> Names(ZooModel model, int size)
    {
        yield return $"{model.Name}_imagenet.safetensors";
        // Deep Compression's file of SqueezeNet 1.0, as its authors name it.
        if (model.Name.StartsWith("squeezenet_v1.0", StringComparison.Ordinal))
            yield return "compressed_SqueezeNet.net";
        if (model is not { Family: "mobilenet", Alpha: { } alpha })
            yield break;
        yield return $"{model.Name}_{size}_imagenet_float.h5";
        // Keras names its downloads after ten times the width, with an underscore for the point.
        var tens = alpha == 1 ? "1_0" : (alpha * 10).ToString("0.0", CultureInfo.InvariantCulture).Replace('.', '_');
        yield return $"mobilenet_{tens}_{size}_tf.h5";
        yield return $"mobilenet_{tens}_{size}_tf_no_top.h5";
    }
}
