namespace Kindling.Cli.Models;

/// <summary>The files of a trained model: a folder of <c>zoo/</c>, the folder of a run, or a single file.</summary>
/// <param name="Root">The folder.</param>
/// <param name="Name">What the model is called.</param>
/// <param name="Float">The float network; null when there is none.</param>
/// <param name="Int8">The int8 network; null when there is none.</param>
/// <param name="Configuration">What it was trained with; null when there is none.</param>
/// <param name="Log">The training log; null when there is none.</param>
internal sealed record ModelFolder(string Root, string Name, string? Float, string? Int8, string? Configuration, string? Log)
{
    private const string Int8Suffix = "_int8";

    /// <summary>Finds the files.</summary>
    /// <param name="path">A folder, or an int8 or float model file.</param>
    /// <param name="floatModel">The float network when it is elsewhere.</param>
    /// <param name="configuration">The configuration when it is elsewhere.</param>
    /// <exception cref="KindlingException">Nothing is there, or no model is in the folder.</exception>
    public static ModelFolder Open(string path, string? floatModel, string? configuration)
    {
        foreach (var file in new[] { floatModel, configuration }.OfType<string>().Where(f => !File.Exists(f)))
            throw new KindlingException($"{file} does not exist");
        var isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
            throw new KindlingException($"model {path} does not exist");
        var root = isFolder ? path : Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        var isFloat = Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase);
        var name = isFolder ? new DirectoryInfo(path).Name : Path.GetFileNameWithoutExtension(path);
        if (name.EndsWith(Int8Suffix, StringComparison.Ordinal))
            name = name[..^Int8Suffix.Length];
        var folder = new ModelFolder(
            root, name,
            floatModel ?? (isFolder ? Choose(root, "*.safetensors", $"{name}.safetensors", "float.safetensors") : isFloat ? path : null),
            isFolder ? Choose(root, "*.tflite", $"{name}{Int8Suffix}.tflite", "model_int8.tflite") : isFloat ? null : path,
            configuration ?? Choose(root, null, "user_config.yaml", "resolved_config.yaml"),
            Choose(root, null, "training_log.csv"));
        return folder.Float is null && folder.Int8 is null
            ? throw new KindlingException($"{path} holds no model: {name}.safetensors (float) or {name}{Int8Suffix}.tflite is expected")
            : folder;
    }

    /// <summary>The first of the names that exists, otherwise the only file of a pattern.</summary>
    private static string? Choose(string root, string? pattern, params string[] names)
    {
        if (names.Select(n => Path.Combine(root, n)).FirstOrDefault(File.Exists) is { } known)
            return known;
        var files = pattern is null ? [] : Directory.GetFiles(root, pattern);
        return files.Length == 1 ? files[0] : null;
    }
}
