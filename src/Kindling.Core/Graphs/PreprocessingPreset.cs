using Kindling.Text;

namespace Kindling.Graphs;

/// <summary>A way of preparing pixels that many networks share.</summary>
/// <param name="Name">What <c>--preprocessing</c> takes.</param>
/// <param name="Description">One sentence for lists.</param>
/// <param name="Color">Channels and their order.</param>
/// <param name="Scale">One factor for all channels, or one a channel in that order.</param>
/// <param name="Offset">One summand for all channels, or one a channel in that order.</param>
public sealed record PreprocessingPreset(
    string Name, string Description, ColorMode Color, IReadOnlyList<float> Scale, IReadOnlyList<float> Offset)
{
    /// <summary>BGR, 0 to 255, minus ImageNet's mean (104, 117, 123): networks of Caffe origin, SqueezeNet 1.0 of the ONNX model zoo among them.</summary>
    public static PreprocessingPreset ImageNetCaffe { get; } = new(
        "imagenet-caffe", "BGR, 0 to 255 minus (104, 117, 123): networks of Caffe origin, SqueezeNet 1.0", ColorMode.Bgr, [1], [-104, -117, -123]);

    /// <summary>All presets.</summary>
    public static IReadOnlyList<PreprocessingPreset> All { get; } =
    [
        ImageNetCaffe,
        Normalized("imagenet-torch", "RGB, 0 to 1, minus mean (0.485, 0.456, 0.406), over deviation (0.229, 0.224, 0.225): PyTorch and MXNet, SqueezeNet 1.1"),
        new("imagenet-tf", "RGB, -1 to 1: MobileNet and other networks of TensorFlow origin", ColorMode.Rgb, [1 / 127.5f], [-1]),
        new("unit", "RGB, 0 to 1: ST's EfficientNet LC", ColorMode.Rgb, [1 / 255f], [0]),
        new("raw", "RGB, pixels as they are, 0 to 255", ColorMode.Rgb, [1], [0]),
        new("gray-tf", "gray, -1 to 1", ColorMode.Grayscale, [1 / 127.5f], [-1]),
        new("gray-unit", "gray, 0 to 1", ColorMode.Grayscale, [1 / 255f], [0]),
    ];

    /// <summary>The names and descriptions of all, a line each.</summary>
    public static string Listing => string.Join('\n', All.Select(p => $"  {p.Name,-15} {p.Description}"));

    /// <summary>Finds a preset by its name.</summary>
    /// <exception cref="KindlingException">There is none; the message lists them.</exception>
    public static PreprocessingPreset Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new KindlingException(
                $"there is no preprocessing '{name}'{Suggestion.DidYouMean(name, All.Select(p => p.Name))}; there are\n{Listing}");
    }

    /// <summary>The preset for an input of that size.</summary>
    public Preprocessing For(int height, int width) => new(height, width, Color, Scale, Offset);

    private static PreprocessingPreset Normalized(string name, string description)
    {
        float[] mean = [0.485f, 0.456f, 0.406f];
        float[] deviation = [0.229f, 0.224f, 0.225f];
        return new(name, description, ColorMode.Rgb, [.. deviation.Select(d => 1 / (255 * d))], [.. mean.Zip(deviation, (m, d) => -m / d)]);
    }
}
