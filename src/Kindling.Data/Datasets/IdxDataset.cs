using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>
/// Data sets in the form of MNIST: <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c> and the same with <c>t10k</c> (or <c>test</c>) for the test images,
/// each plain or with .gz. Fashion-MNIST (Xiao, Rasul and Vollgraf 2017) is told from the others by its labels.
/// </summary>
internal static partial class IdxDataset
{
    private static readonly string[] FashionNames =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>SHA-256 of Fashion-MNIST's training and test labels, without the files' headers.</summary>
    private static readonly string[] FashionLabels =
    [
        "657FBD221BFC9F4198CC14B5619CC33EC57C58DD0E47AF4D99D6650759E869A7",
        "3D0E6C6EA990B53B6F8F500A41CAC93881D981B315F84578B7D915342ADE01E9",
    ];

    /// <summary>Opens a folder of such files, or one file of images; null when the path is neither.</summary>
    /// <exception cref="KindlingException">Files are missing, damaged or do not fit each other.</exception>
    public static ImageDataset? TryOpen(string path, IReadOnlyList<string>? classNames)
    {
        if (File.Exists(path))
            return ImagesName().IsMatch(Path.GetFileName(path)) ? Open(path, path, classNames, null) : null;
        string[] images = [.. Directory.EnumerateFiles(path).Where(f => ImagesName().IsMatch(Path.GetFileName(f))).Order(StringComparer.Ordinal)];
        if (images.Length == 0)
            return null;
        string? training = Single(path, images, isTest: false), test = Single(path, images, isTest: true);
        if (training is null)
            return Open(path, test!, classNames, null);
        return Open(path, training, classNames, test is null ? null : () => Open(path, test, classNames, null));
    }

    private static string? Single(string folder, string[] images, bool isTest)
    {
        string[] found = [.. images.Where(f => ImagesName().Match(Path.GetFileName(f)).Groups["part"].Value == "train" != isTest)];
        return found.Length < 2
            ? found.FirstOrDefault()
            : throw new KindlingException($"Data set '{folder}' holds several files of {(isTest ? "test" : "training")} images: {string.Join(", ", found.Select(Path.GetFileName))}. Give the path of one of them.");
    }

    private static PackedDataset Open(string name, string imagesPath, IReadOnlyList<string>? classNames, Func<ImageDataset>? openTestSet)
    {
        string labelsPath = LabelsOf(imagesPath);
        (int[] size, byte[] pixels) = IdxFile.Read(imagesPath, rank: 3);
        (int[] count, byte[] labels) = IdxFile.Read(labelsPath, rank: 1);
        if (size[0] != count[0])
            throw new KindlingException($"'{imagesPath}' holds {size[0]} images, but '{labelsPath}' holds {count[0]} labels.");
        ImageLimits.Check(imagesPath, "IDX", size[1], size[2]);
        bool isFashion = FashionLabels.Contains(Convert.ToHexString(SHA256.HashData(labels)));
        IReadOnlyList<string> names = PackedDataset.NameClasses(name, labels, isFashion ? FashionNames : null, classNames);
        return new PackedDataset(name, names, new PackedImages(size[1], size[2], 1, pixels), labels, openTestSet);
    }

    private static string LabelsOf(string imagesPath)
    {
        string folder = Path.GetDirectoryName(imagesPath) ?? "", file = Path.GetFileName(imagesPath);
        string labels = file.Replace("-images", "-labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
        string plain = labels.EndsWith(".gz", StringComparison.Ordinal) ? labels[..^3] : labels;
        return new[] { labels, plain, plain + ".gz" }.Select(f => Path.Combine(folder, f)).FirstOrDefault(File.Exists)
            ?? throw new KindlingException($"'{imagesPath}' has no labels beside it: '{labels}' does not exist.");
    }

    [GeneratedRegex(@"^(?:.+-)?(?<part>train|t10k|test)-images[-.]idx3-ubyte(?:\.gz)?$")]
    private static partial Regex ImagesName();
}
