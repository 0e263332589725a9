using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Cli.Models;

/// <summary>Opens a model that is to be fed photos, and works out how when the file does not say.</summary>
internal static class PhotoModel
{
    /// <summary>Opens a model.</summary>
    /// <param name="path">A .tflite, .onnx or .safetensors file.</param>
    /// <param name="interpolation">Replaces the model's own; null keeps it (nearest, as ST's model zoo resizes, when unknown).</param>
    /// <exception cref="KindlingException">It is no image classifier, or a float model that does not say how pixels are scaled.</exception>
    public static LoadedModel Open(string path, Interpolation? interpolation = null)
    {
        var graph = ModelFile.Read(path);
        var known = graph.Metadata.Preprocessing;
        var preprocessing = known ?? Derive(graph, path);
        if (interpolation is { } chosen)
            preprocessing = preprocessing with { Interpolation = chosen };
        var note = known is not null
            ? null
            : $"{path} does not say how photos are prepared: {preprocessing.Interpolation.ToString().ToLowerInvariant()} to {preprocessing.Width}x{preprocessing.Height}, "
                + $"{(preprocessing.Channels == 1 ? "gray" : "red, green, blue")}, pixels taken as they are (its input has {graph.Inputs[0].Quantization})";
        return new LoadedModel(graph.With(graph.Metadata with { Preprocessing = preprocessing }), path, preprocessing, note);
    }

    /// <summary>The preprocessing that an 8-bit input's own scale stands for: raw pixels in.</summary>
    private static Preprocessing Derive(Graph graph, string path)
    {
        var input = graph.Inputs[0];
        if (graph.Inputs.Count != 1 || input.Shape.Rank != 4 || input.Shape.Channels is not (1 or 3))
            throw new KindlingException($"{path} takes {string.Join(", ", graph.Inputs.Select(i => i.Shape))}; one image [1, H, W, 1 or 3] is expected");
        if (!input.Type.IsQuantized() || input.Quantization is not { } q)
            throw new KindlingException($"{path} does not say how pixels are scaled, and its input is {input.Type.Name()}; only 8-bit inputs say it by their own scale");
        var zero = q.ZeroPoint + (input.Type == ElementType.Int8 ? 128 : 0);
        return new Preprocessing(
            input.Shape.Height, input.Shape.Width, input.Shape.Channels == 1 ? ColorMode.Grayscale : ColorMode.Rgb, [q.Scale], [-q.Scale * zero],
            Interpolation.Nearest);
    }
}
