using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Cli.Models;

/// <summary>Opens a model that is to be fed photos, and works out how when the file does not say.</summary>
internal static class PhotoModel
{
    /// <summary>Opens a model.</summary>
    /// <param name="path">A model file.</param>
    /// <param name="interpolation">Replaces the model's own; null keeps it (nearest, as ST's model zoo resizes, when unknown).</param>
    /// <exception cref="KindlingException">It is no image classifier, or a float model that does not say how pixels are scaled.</exception>
    public static LoadedModel Open(string path, Interpolation? interpolation = null) => Open(path, new Preparation(interpolation, null, null));

    /// <summary>Opens a model.</summary>
    /// <param name="path">A model file.</param>
    /// <param name="preparation">What the command line says about photos.</param>
    /// <exception cref="KindlingException">It is no image classifier, or a float model that does not say how pixels are scaled.</exception>
    public static LoadedModel Open(string path, Preparation preparation) => Prepare(ModelFile.Read(path), path, preparation);

    /// <summary>True when a graph, or its 8-bit input's own scale, says how photos are prepared.</summary>
    public static bool SaysHow(Graph graph) => graph.Metadata.Preprocessing is not null
        || graph.Inputs is [{ Shape: { Rank: 4, Channels: 1 or 3 }, Quantization: not null } input] && input.Type.IsQuantized();

    /// <summary>Adds to a graph how photos become its input.</summary>
    /// <param name="graph">An image classifier.</param>
    /// <param name="path">The file it came from, for messages.</param>
    /// <param name="preparation">What the command line says about photos.</param>
    /// <exception cref="KindlingException">It is no image classifier, or a float model that does not say how pixels are scaled.</exception>
    public static LoadedModel Prepare(Graph graph, string path, Preparation preparation)
    {
        var known = preparation.Preset is null ? graph.Metadata.Preprocessing : PresetFor(graph, path, preparation.Preset);
        var preprocessing = preparation.Apply(known ?? Derive(graph, path));
        var note = known is not null
            ? null
            : $"{path} does not say how photos are prepared: {preprocessing.Interpolation.ToString().ToLowerInvariant()} to {preprocessing.Width}x{preprocessing.Height}, "
                + $"{(preprocessing.Channels == 1 ? "gray" : "red, green, blue")}, pixels taken as they are (its input has {graph.Inputs[0].Quantization})";
        return new LoadedModel(graph.With(graph.Metadata with { Preprocessing = preprocessing }), path, preprocessing, note);
    }

    /// <summary>A preset at the size of a graph's input.</summary>
    /// <exception cref="KindlingException">The graph takes no image, or one of other channels.</exception>
    public static Preprocessing PresetFor(Graph graph, string path, PreprocessingPreset preset)
    {
        var shape = ImageInput(graph, path).Shape;
        var preprocessing = preset.For(shape.Height, shape.Width);
        return preprocessing.Channels == shape.Channels
            ? preprocessing
            : throw new KindlingException($"--preprocessing {preset.Name} makes {preprocessing.Channels} channels; {path} takes {shape.Channels}");
    }

    private static Value ImageInput(Graph graph, string path) => graph.Inputs is [{ Shape: { Rank: 4, Channels: 1 or 3 } } input]
        ? input
        : throw new KindlingException($"{path} takes {string.Join(", ", graph.Inputs.Select(i => i.Shape))}; one image [1, H, W, 1 or 3] is expected");

    /// <summary>The preprocessing that an 8-bit input's own scale stands for: raw pixels in.</summary>
    private static Preprocessing Derive(Graph graph, string path)
    {
        var input = ImageInput(graph, path);
        if (!input.Type.IsQuantized() || input.Quantization is not { } q)
        {
            throw new KindlingException(
                $"{path} does not say how pixels are scaled, and its input is {input.Type.Name()}; only 8-bit inputs say it by their own scale. "
                + $"Say it with --preprocessing, one of\n{PreprocessingPreset.Listing}");
        }

        var zero = q.ZeroPoint + (input.Type == ElementType.Int8 ? 128 : 0);
        return new Preprocessing(
            input.Shape.Height, input.Shape.Width, input.Shape.Channels == 1 ? ColorMode.Grayscale : ColorMode.Rgb, [q.Scale], [-q.Scale * zero],
            Interpolation.Nearest);
    }
}
