using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Graphs;
using Kindling.Tests;

namespace Kindling.Deployment.Tests;

/// <summary>Photos of the flowers set that no network here was trained on.</summary>
internal static class ValidationPhotos
{
    private const int Seed = 127;

    /// <summary>The first photos of the validation part, resized to a network's uint8 input.</summary>
    public static IReadOnlyList<byte[]> Inputs(Graph graph, int count)
    {
        using var photos = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));
        var validation = Split.TrainValidation(photos, 0.2, Seed).Validation;
        var shape = graph.Inputs[0].Shape;
        var preprocessing = new Preprocessing(shape.Height, shape.Width, ColorMode.Rgb, [1 / 127.5f], [-1], Interpolation.Nearest);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var pixels = new byte[shape.ElementCount];
            ImagePreprocessor.ToPixels(validation.Load(i), preprocessing, pixels);
            return pixels;
        })];
    }
}
