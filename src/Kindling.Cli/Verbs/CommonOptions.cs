using System.CommandLine;
using Kindling.Cli.Models;
using Kindling.Data;
using Kindling.Deployment;
using Kindling.Graphs;
using Kindling.Numerics;

namespace Kindling.Cli.Verbs;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Option<string> Model(string description) => new("--model") { Description = description, Required = true, HelpName = "FILE" };

    public static Option<string> Data(bool isRequired) => new("--data")
    {
        Description = "Photos: a folder with one sub-folder a class, a .zip archive of one, a folder of IDX or CIFAR files, or a table of labels (labels.tsv).",
        Required = isRequired,
        HelpName = "PATH",
    };

    /// <summary>Opens photos: a table of labels where there is one, otherwise one sub-folder a class.</summary>
    public static ImageDataset OpenData(string path) => ListedDataset.FindTable(path) is { } table ? ListedDataset.OpenTable(table) : ImageDataset.Open(path);

    public static Option<string?> Resize()
    {
        var option = new Option<string?>("--resize") { Description = "How photos are resampled; by default as the model says, or nearest." };
        option.AcceptOnlyFromAmong("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic");
        return option;
    }

    public static Interpolation? Interpolation(string? name) =>
        name is null ? null : Enum.Parse<Interpolation>(name, ignoreCase: true);

    public static Option<int> Threads() => new("--threads") { Description = "Threads; 0 takes one for each processor. Results are the same for any number." };

    public static Option<string> Arithmetic()
    {
        var option = new Option<string>("--arithmetic")
        {
            Description = "How an int8 model rounds: tflite-micro as microcontrollers and the generated C do, xnnpack as LiteRT does on phones and in browsers and as ONNX specifies; auto as the file's format has it (.tflite: tflite-micro, .onnx: xnnpack).",
            DefaultValueFactory = _ => "auto",
        };
        option.AcceptOnlyFromAmong("auto", "tflite-micro", "xnnpack");
        return option;
    }

    /// <summary>The arithmetic asked for; null leaves it to the format the model was read from.</summary>
    public static Int8Arithmetic? Arithmetic(string? name) => name switch
    {
        "tflite-micro" => Int8Arithmetic.TfliteMicro,
        "xnnpack" => Int8Arithmetic.Xnnpack,
        _ => null,
    };

    public static Option<string> Target(string more = "") => new("--target")
    {
        Description = $"The board: {string.Join(", ", Targets.All.Where(t => t.Refusal is null).Select(t => t.Name))}, a board's own name, or any Cortex-M by core, clock, RAM and flash: cortex-m4,80MHz,128KiB,512KiB.{more}",
        DefaultValueFactory = _ => "stm32h7",
        HelpName = "BOARD",
    };

    public static Option<OptimizationGoal> Optimize() => new("--optimize")
    {
        Description = "What the C prefers: few instructions (time), a small arena (ram), small code (flash), or a balance.",
        DefaultValueFactory = _ => OptimizationGoal.Balanced,
        HelpName = "time|ram|flash|balanced",
    };
}

/// <summary>The options that say how photos become a model's input.</summary>
internal sealed class PreparationOptions
{
    private readonly Option<string?> _resize = CommonOptions.Resize();
    private readonly Option<string?> _preset = new("--preprocessing")
    {
        Description = $"Colours and scale of the pixels, for models that do not say: {string.Join(", ", PreprocessingPreset.All.Select(p => p.Name))}.",
        HelpName = "NAME",
    };

    private readonly Option<int?> _side = new("--shorter-side")
    {
        Description = "Bring a photo's shorter side to that many pixels and cut the input out of its centre, as ImageNet's networks are measured (256).",
        HelpName = "PIXELS",
    };

    /// <summary>Adds the options to a command.</summary>
    public PreparationOptions(Command command)
    {
        command.Options.Add(_resize);
        command.Options.Add(_preset);
        command.Options.Add(_side);
    }

    /// <summary>What the command line says.</summary>
    /// <exception cref="KindlingException">There is no such preset; the message lists them.</exception>
    public Preparation Of(ParseResult arguments) => new(
        CommonOptions.Interpolation(arguments.GetValue(_resize)), arguments.GetValue(_preset) is { } name ? PreprocessingPreset.Find(name) : null,
        arguments.GetValue(_side));
}

/// <summary>The options that choose a part of a data set.</summary>
internal sealed class SplitOptions
{
    private readonly Option<double?> _split = new("--split") { Description = "Share of the photos that is kept for validation; without it there is no split." };
    private readonly Option<int> _seed = new("--seed") { Description = "Seed of the split.", DefaultValueFactory = _ => 123 };
    private readonly Option<string?> _subset = new("--subset") { Description = "The part to use. By default, with --split the validation photos (quantize: the training photos); without it the test images that come with the data, or all." };

    /// <summary>Adds the options to a command.</summary>
    public SplitOptions(Command command)
    {
        _subset.AcceptOnlyFromAmong("validation", "training", "test", "all");
        command.Options.Add(_split);
        command.Options.Add(_seed);
        command.Options.Add(_subset);
    }

    /// <summary>The part that was asked for.</summary>
    /// <param name="dataset">All photos.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="otherwise">The part taken when --split is given without --subset.</param>
    /// <exception cref="KindlingException">A part was asked for without a split, or the split leaves it empty.</exception>
    public ImageDataset Choose(ImageDataset dataset, ParseResult arguments, string otherwise = "validation")
    {
        var split = arguments.GetValue(_split);
        var evaluates = otherwise == "validation";
        var subset = arguments.GetValue(_subset) ?? (split is not null ? otherwise : evaluates && dataset.TestSet is not null ? "test" : "all");
        if (subset == "all")
            return dataset;
        if (subset == "test")
            return dataset.TestSet ?? throw new KindlingException($"--subset test: {dataset.Name} comes without test images; only folders of IDX or CIFAR files can have them");
        if (split is null)
            throw new KindlingException($"--subset {subset} needs --split, such as --split 0.2");
        var parts = Split.TrainValidation(dataset, split.Value, arguments.GetValue(_seed));
        return subset == "training" ? parts.Training : parts.Validation;
    }
}
