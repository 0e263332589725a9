using System.Globalization;
using Kindling.Cli.Configuration;

namespace Kindling.Cli.Pipeline;

/// <summary>The folder that holds everything a run writes. It is made when the first file is written.</summary>
/// <param name="Root">Its path.</param>
/// <param name="SavedModels">The folder of the checkpoints.</param>
/// <param name="Logs">The folder of the training log.</param>
internal sealed record OutputFolder(string Root, string SavedModels, string Logs)
{
    /// <summary>The resolved configuration.</summary>
    public string Configuration => Path.Combine(Root, "resolved_config.yaml");

    /// <summary>The last completed epoch: weights, optimizer, progress.</summary>
    public string LastCheckpoint => Path.Combine(SavedModels, "last.safetensors");

    /// <summary>The best epoch so far.</summary>
    public string BestCheckpoint => Path.Combine(SavedModels, "best.safetensors");

    /// <summary>The training log.</summary>
    public string TrainingLog => Path.Combine(Logs, "training_log.csv");

    /// <summary>The float network.</summary>
    public string FloatModel => Path.Combine(Root, "float.safetensors");

    /// <summary>The int8 network.</summary>
    public string Int8Model => Path.Combine(Root, "model_int8.tflite");

    /// <summary>The generated C.</summary>
    public string C => Path.Combine(Root, "c");

    /// <summary>The report.</summary>
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>The figures.</summary>
    public string Results => Path.Combine(Root, "results.json");

    /// <summary>Chooses the folder of a run.</summary>
    /// <exception cref="KindlingException">The folder to resume from does not exist, or the one to write to holds files already.</exception>
    public static OutputFolder Choose(UserConfig config, RunOptions options, DateTime now)
    {
        var resume = RunOf(options.Resume ?? config.Training?.ResumeFrom, config);
        if (resume is not null && options.Output is not null && Path.GetFullPath(resume) != Path.GetFullPath(options.Output))
            throw new KindlingException("--resume continues in its own folder; leave --output out, or name the same folder");
        if (resume is not null && !Directory.Exists(resume))
            throw new KindlingException($"--resume {resume}: there is no such folder");
        var root = resume ?? options.Output ?? Path.Combine(
            "outputs", $"{now.ToString("yyyy_MM_dd_HH_mm_ss", CultureInfo.InvariantCulture)}_{FileName(config.General.ProjectName)}");
        if (resume is null && Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any())
            throw new KindlingException($"output folder {root} holds files already; name another one, or continue the run in it with --resume");
        return new OutputFolder(root, Path.Combine(root, config.General.SavedModelsDirectory), Path.Combine(root, config.General.LogsDirectory));
    }

    /// <summary>The folder of the run that a checkpoint belongs to; other paths are folders already.</summary>
    private static string? RunOf(string? path, UserConfig config)
    {
        if (path is null || !File.Exists(path))
            return path;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Path.GetFileName(folder) == config.General.SavedModelsDirectory ? Path.GetDirectoryName(folder) : folder;
    }

    private static string FileName(string name)
    {
        var safe = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_')]).Trim('_', '.');
        return safe is "" or "unnamed" ? "run" : safe;
    }
}
