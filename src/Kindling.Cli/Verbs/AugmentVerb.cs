using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Configuration;
using Kindling.Cli.Configuration.Schema;
using Kindling.Cli.Hosting;
using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Data.Images;
using Kindling.Graphs;
using Kindling.IO;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling augment</c>: a picture of what data_augmentation does to photos.</summary>
internal sealed class AugmentVerb : Verb
{
    private const int MostImages = 100;

    private readonly Argument<string?> _config;
    private readonly Argument<string[]> _overrides;
    private readonly Option<string> _preview;
    private readonly Option<string> _data;
    private readonly Option<string?> _functions;
    private readonly Option<bool> _each;
    private readonly Option<int> _images;
    private readonly Option<int> _samples;
    private readonly Option<int> _size;
    private readonly Option<int?> _seed;

    public AugmentVerb()
        : base(
            "augment", "Writes a contact sheet (PNG) of augmented photos: originals in the first column, samples beside them.",
            "kindling augment my.yaml --preview sheet.png",
            "kindling augment --data flower_photos.zip --functions '{random_rotation: {factor: 0.1}, random_hue: {delta: 0.2}}' --preview sheet.png",
            "kindling augment --data flower_photos.zip --each --preview every_function.png")
    {
        _config = Add(new Argument<string?>("CONFIG") { Description = "A user_config.yaml, whose photos, preprocessing and data_augmentation are taken.", Arity = ArgumentArity.ZeroOrOne });
        _overrides = Add(new Argument<string[]>("key=value") { Description = "Keys to set, or ~key to remove one.", Arity = ArgumentArity.ZeroOrMore });
        _preview = Add(new Option<string>("--preview") { Description = "The picture to write.", Required = true, HelpName = "FILE.png" });
        _data = Add(CommonOptions.Data(isRequired: false));
        _functions = Add(new Option<string?>("--functions") { Description = "The functions in place of the configuration's, as data_augmentation would list them.", HelpName = "YAML" });
        _each = Add(new Option<bool>("--each") { Description = "One row for each function alone, applied to every photo; without functions, all that exist." });
        _images = Add(new Option<int>("--images") { Description = "Photos shown.", DefaultValueFactory = _ => 6 });
        _samples = Add(new Option<int>("--samples") { Description = "Samples beside each photo.", DefaultValueFactory = _ => 7 });
        _size = Add(new Option<int>("--size") { Description = "Side of the photos without a configuration.", DefaultValueFactory = _ => 128 });
        _seed = Add(new Option<int?>("--seed") { Description = "Seed of photos and samples; by default the configuration's, or 123." });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var path = arguments.GetValue(_config);
        var config = path is null ? null : new ConfigurationLoader().LoadFile(path, arguments.GetValue(_overrides) ?? []);
        var (images, samples) = (Count(arguments, _images), Count(arguments, _samples));
        var seed = arguments.GetValue(_seed) ?? config?.General.Seed ?? 123;
        var preprocessing = Preprocessing(config, arguments.GetValue(_size));
        var functions = Functions(config, arguments.GetValue(_functions), arguments.GetValue(_each));
        using var dataset = Open(config, arguments.GetValue(_data), preprocessing);
        int[] chosen = [.. Split.Permutation(dataset.Count, seed).Take(arguments.GetValue(_each) ? 1 : images)];
        var photos = chosen.Select(i => Pixels(dataset, i, preprocessing)).ToList();
        List<string> title = arguments.GetValue(_each) ? [] : [.. functions.Select(Describe)];
        List<ContactSheetRow> rows = arguments.GetValue(_each)
            ? [.. functions.Where(f => Applies(f, preprocessing)).Select(f => Row(Describe(f), [Always(f)], photos[0], chosen[0]))]
            : [.. photos.Select((pixels, n) => Row(dataset.FileName(chosen[n]), functions, pixels, chosen[n]))];
        if (rows.Count == 0)
            throw new KindlingException("none of the functions applies to grayscale photos");
        var columns = Enumerable.Range(0, samples + 1).Select(n => n == 0 ? "original" : n.ToString(CultureInfo.InvariantCulture)).ToList();
        var file = arguments.GetRequiredValue(_preview);
        var sheet = ContactSheet.Draw(title, columns, rows);
        AtomicFile.Write(file, PngEncoder.Encode(sheet));
        return new VerbResult(
            new AugmentDocument(file, sheet.Width, sheet.Height, [.. functions.Select(f => f.Function)], [.. chosen.Select(dataset.FileName)], samples),
            $"{file}: {rows.Count} rows of {samples} samples, {sheet.Width}x{sheet.Height} pixels");

        ContactSheetRow Row(string caption, IReadOnlyList<AugmentationSpec> specs, byte[] pixels, int image)
        {
            var pipeline = new AugmentationPipeline(specs, preprocessing);
            var values = new float[pixels.Length];
            var row = new List<Image> { Show(pixels, preprocessing) };
            for (var sample = 0; sample < samples; sample++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                pipeline.Apply(pixels, new AugmentationKey(seed, sample, image, sample), values);
                row.Add(Show(ToPixels(values, preprocessing), preprocessing));
            }

            return new ContactSheetRow(caption, row);
        }
    }

    private static int Count(ParseResult arguments, Option<int> option)
    {
        var count = arguments.GetValue(option);
        return count is >= 1 and <= MostImages ? count : throw new KindlingException($"{option.Name} {count}: 1 to {MostImages} are allowed");
    }

    private static Preprocessing Preprocessing(UserConfig? config, int size)
    {
        if (size is < 8 or > 1024)
            throw new KindlingException($"--size {size}: 8 to 1024 are allowed");
        if (config is null)
            return new Preprocessing(size, size, ColorMode.Rgb, [1 / 127.5f], [-1], AspectRatio: AspectRatio.Crop);
        if (config.Preprocessing is not { } given || config.Training?.Model is not { } model)
            throw new KindlingException($"{config.File} has no preprocessing and training.model sections; without them give --data and --functions");
        // Standardised photos cannot be shown.
        return given.For(model.InputShape[0], model.InputShape[1]) with { Standardization = Standardization.None };
    }

    private static IReadOnlyList<AugmentationSpec> Functions(UserConfig? config, string? yaml, bool each)
    {
        if (yaml is null)
        {
            if (config?.Augmentation is { Count: > 0 } configured)
                return configured;
            return each
                ? [.. AugmentationCatalogue.Functions.Select(f => f.Example)]
                : throw new KindlingException("there is nothing to show: give a configuration with data_augmentation, or --functions, or --each for every function");
        }

        var faults = new List<Fault>();
        var root = YamlDocumentReader.Read($"data_augmentation: {yaml}", faults);
        var named = faults.Count > 0 ? null : AugmentationSection.Rule.Read(root.Entries[0].Value, "data_augmentation", faults) as List<NamedSettings>;
        var specs = named is null ? [] : AugmentationSection.Read(named, faults);
        return faults.Count == 0 ? specs : throw new ConfigurationException("--functions", faults);
    }

    private static ImageDataset Open(UserConfig? config, string? data, Preprocessing preprocessing)
    {
        if (data is not null)
            return ImageDataset.Open(data);
        if (config is null)
            throw new KindlingException("give a configuration or --data");
        return config.Dataset.IsSynthetic
            ? new SyntheticShapes(config.Dataset.SyntheticImages, config.Dataset.Seed, Math.Max(preprocessing.Height, preprocessing.Width))
            : ImageDataset.Open(config.Dataset.TrainingPath ?? throw new KindlingException($"{config.File} names no dataset.training_path"), config.Dataset.ClassNames);
    }

    private static byte[] Pixels(ImageDataset dataset, int index, Preprocessing preprocessing)
    {
        var pixels = new byte[preprocessing.PixelCount()];
        ImagePreprocessor.ToPixels(dataset.Load(index, preprocessing.Channels), preprocessing, pixels);
        return pixels;
    }

    /// <summary>Undoes scale and offset.</summary>
    private static byte[] ToPixels(float[] values, Preprocessing preprocessing)
    {
        var pixels = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var c = i % preprocessing.Channels;
            pixels[i] = (byte)Math.Clamp(MathF.Round((values[i] - preprocessing.OffsetOf(c)) / preprocessing.ScaleOf(c)), 0, 255);
        }

        return pixels;
    }

    /// <summary>The pixels in the order red, green, blue.</summary>
    private static Image Show(byte[] pixels, Preprocessing preprocessing)
    {
        var shown = pixels.ToArray();
        for (var i = 0; preprocessing.Color == ColorMode.Bgr && i < shown.Length; i += 3)
            (shown[i], shown[i + 2]) = (shown[i + 2], shown[i]);
        return new Image(preprocessing.Height, preprocessing.Width, preprocessing.Channels, shown);
    }

    private static bool Applies(AugmentationSpec function, Preprocessing preprocessing) =>
        preprocessing.Channels == 3 || AugmentationCatalogue.Find(function.Function) is { NeedsColor: false };

    /// <summary>The function on every photo: rare ones would show nothing.</summary>
    private static AugmentationSpec Always(AugmentationSpec function) =>
        function with { Arguments = new Dictionary<string, object?>(function.Arguments) { ["change_rate"] = 1.0 } };

    private static string Describe(AugmentationSpec function) =>
        string.Join(' ', function.Arguments.Where(a => a.Value is not null).Select(a => $"{a.Key}={AugmentationSection.Show(a.Value)}").Prepend(function.Function));
}

/// <summary>A preview as JSON.</summary>
internal sealed record AugmentDocument(string File, int Width, int Height, IReadOnlyList<string> Functions, IReadOnlyList<string> Photos, int Samples);
