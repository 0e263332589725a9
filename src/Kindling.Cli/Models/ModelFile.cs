using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Data.Augmentation;
using Kindling.Formats.Keras;
using Kindling.Formats.Onnx;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Training;
using Kindling.Zoo;

namespace Kindling.Cli.Models;

/// <summary>Opens model files, and writes float networks so that they can be opened again: safetensors with what is needed to rebuild the network.</summary>
internal static class ModelFile
{
    private const string ModelKey = "kindling.model";
    private const string OptionsKey = "kindling.options";

    /// <summary>The file names that <see cref="Read"/> takes.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".tflite", ".onnx", ".safetensors", ".h5", ".net"];

    /// <summary>Opens a .tflite, .onnx, .safetensors or .h5 file, or the Deep Compression of SqueezeNet 1.0 (.net).</summary>
    /// <exception cref="KindlingException">The file cannot be read, or is no model; the message names it.</exception>
    public static Graph Read(string path)
    {
        if (!File.Exists(path))
            throw new KindlingException($"model {path} does not exist");
        var extension = Path.GetExtension(path);
        return extension.ToUpperInvariant() switch
        {
            ".TFLITE" => TfliteReader.Read(path),
            ".ONNX" => OnnxReader.Read(path),
            ".SAFETENSORS" => ReadFloat(path),
            ".H5" or ".HDF5" => KerasReader.Read(path),
            ".NET" => WeightFile.Open(path).Graph,
            _ => throw new KindlingException($"model {path}: '{extension}' is not a model file; allowed: {string.Join(", ", Extensions)}"),
        };
    }

    /// <summary>What a file of weights must say about the network it belongs to.</summary>
    /// <param name="model">The zoo's network.</param>
    /// <param name="options">What it was built for.</param>
    public static Dictionary<string, string> Describe(ZooModel model, ModelOptions options) => new()
    {
        [ModelKey] = model.Name,
        [OptionsKey] = string.Create(
            CultureInfo.InvariantCulture, $"{options.Height}x{options.Width}x{options.Channels} classes={options.Classes} dropout={options.Dropout}"),
    };

    /// <summary>Opens a file to train its network further.</summary>
    /// <param name="path">A .safetensors file written by Kindling, or a whole .h5 model that is one of the zoo's networks.</param>
    /// <param name="training">How it is trained: a dropout given there replaces the file's.</param>
    /// <returns>The network, and what files of its weights must say about it.</returns>
    /// <exception cref="KindlingException">The file cannot be read, or does not say which network its weights belong to.</exception>
    public static (Graph Graph, Dictionary<string, string> Description) ReadForTraining(string path, TrainingConfig? training)
    {
        if (IsKeras(path))
        {
            var (found, network, built) = ZooMatch.Find(path, o => o with { Dropout = training?.Dropout ?? 0, DropConnect = training?.DropConnect ?? o.DropConnect });
            return (found, Describe(network, built));
        }

        var description = Checkpoint.ReadMetadata(path);
        if (!description.TryGetValue(ModelKey, out var name) || !description.TryGetValue(OptionsKey, out var text))
            throw new ModelFormatException($"{path} does not say which network its weights belong to; only safetensors files written by Kindling, and whole .h5 models of Keras, can be trained further");
        var options = ParseOptions(text, path) with { Metadata = Checkpoint.ReadModelMetadata(path) };
        var model = ZooCatalogue.Find(name);
        options = options with { Dropout = training?.Dropout ?? options.Dropout, DropConnect = training?.DropConnect ?? options.DropConnect };
        var graph = model.Build(options);
        Checkpoint.LoadWeights(graph, path);
        return (graph, Describe(model, options));
    }

    /// <summary>The network of a description with fresh weights, for images of another size.</summary>
    /// <param name="description">What <see cref="Describe"/> wrote.</param>
    /// <param name="size">The size.</param>
    /// <param name="metadata">Classes and preprocessing at the network's own size.</param>
    /// <param name="training">How it is trained.</param>
    /// <exception cref="KindlingException">The network cannot be built for the size; the message names both.</exception>
    public static Graph AtSize(IReadOnlyDictionary<string, string> description, ImageSize size, ModelMetadata metadata, TrainingConfig training)
    {
        var options = ParseOptions(description[OptionsKey], description[ModelKey]);
        try
        {
            return ZooCatalogue.Find(description[ModelKey]).Build(options with
            {
                Height = size.Height,
                Width = size.Width,
                Dropout = training.Dropout ?? options.Dropout,
                DropConnect = training.DropConnect,
                Metadata = metadata with { Preprocessing = metadata.Preprocessing! with { Height = size.Height, Width = size.Width } },
            });
        }
        catch (KindlingException e)
        {
            throw new KindlingException($"data_augmentation.random_periodic_resizing: {description[ModelKey]} cannot be trained at {size.Height}x{size.Width}: {e.Message}", e);
        }
    }

    /// <summary>What a safetensors file says about the zoo's network it belongs to.</summary>
    public static Dictionary<string, string> DescriptionOf(string path) =>
        Checkpoint.ReadMetadata(path).Where(m => m.Key is ModelKey or OptionsKey).ToDictionary(m => m.Key, m => m.Value);

    /// <summary>True for safetensors files that name the zoo's network they belong to.</summary>
    public static bool NamesNetwork(string path) => Checkpoint.ReadMetadata(path).ContainsKey(ModelKey);

    private static bool IsKeras(string path) => Path.GetExtension(path).ToUpperInvariant() is ".H5" or ".HDF5";

    private static Graph ReadFloat(string path) => NamesNetwork(path) ? ReadForTraining(path, null).Graph : WeightFile.Open(path).Graph;

    private static ModelOptions ParseOptions(string text, string path)
    {
        try
        {
            var parts = text.Split(' ');
            var size = parts[0].Split('x').Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToArray();
            return new ModelOptions
            {
                Height = size[0],
                Width = size[1],
                Channels = size[2],
                Classes = int.Parse(parts[1].Split('=')[1], CultureInfo.InvariantCulture),
                Dropout = float.Parse(parts[2].Split('=')[1], CultureInfo.InvariantCulture),
            };
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw new ModelFormatException($"{path}: '{text}' does not describe a network", e);
        }
    }
}
