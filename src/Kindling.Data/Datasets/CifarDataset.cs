using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>
/// CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky 2009): records of one label (CIFAR-100: coarse, then fine) and 32 x 32 pixels,
/// all red values first, then green, then blue.
/// </summary>
internal static class CifarDataset
{
    private const int Side = 32;
    private const int CoarseClasses = 20;
    private const int FineClasses = 100;

    private static readonly string[] Names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Opens a folder of such files; null when the path is none.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="classNames">20 names choose CIFAR-100's coarse labels, otherwise its fine labels are taken; null for the names in the folder.</param>
    /// <exception cref="KindlingException">A file is damaged, or the names do not fit.</exception>
    public static ImageDataset? TryOpen(string path, IReadOnlyList<string>? classNames)
    {
        string[] batches = [.. Directory.EnumerateFiles(path, "data_batch_?.bin").Order(StringComparer.Ordinal)];
        string test10 = Path.Combine(path, "test_batch.bin"), train100 = Path.Combine(path, "train.bin"), test100 = Path.Combine(path, "test.bin");
        if (batches.Length > 0)
            return Open(path, batches, 1, 0, 10, Known(path, "batches.meta.txt", 10) ?? Names, classNames, File.Exists(test10) ? test10 : null);
        if (!File.Exists(train100))
            return null;
        bool isCoarse = classNames?.Count == CoarseClasses;
        int classes = isCoarse ? CoarseClasses : FineClasses;
        string[]? known = Known(path, isCoarse ? "coarse_label_names.txt" : "fine_label_names.txt", classes);
        return Open(path, [train100], 2, isCoarse ? 0 : 1, classes, known, classNames, File.Exists(test100) ? test100 : null);
    }

    private static PackedDataset Open(
        string path, string[] files, int labelBytes, int labelIndex, int classes, string[]? known, IReadOnlyList<string>? classNames, string? test)
    {
        (byte[] pixels, byte[] labels) = Read(files, labelBytes, labelIndex, classes);
        known ??= classNames is null ? [.. Enumerable.Range(0, classes).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))] : null;
        IReadOnlyList<string> names = PackedDataset.NameClasses(path, labels, known, classNames);
        return new PackedDataset(
            path, names, new PackedImages(Side, Side, 3, pixels), labels,
            test is null ? null : () => Open(path, [test], labelBytes, labelIndex, classes, known, classNames, null));
    }

    private static (byte[] Pixels, byte[] Labels) Read(string[] files, int labelBytes, int labelIndex, int classes)
    {
        const int Plane = Side * Side;
        int record = labelBytes + (3 * Plane);
        int[] counts = [.. files.Select(f => Records(f, record))];
        byte[] labels = new byte[counts.Sum()];
        byte[] pixels = new byte[checked(labels.Length * 3 * Plane)];
        int image = 0;
        for (int n = 0; n < files.Length; n++)
        {
            byte[] data = ImageDecoder.ReadFile(files[n]);
            if (data.Length != counts[n] * record)
                throw new KindlingException($"'{files[n]}' changed while it was read.");
            for (int start = 0; start < data.Length; start += record, image++)
            {
                labels[image] = data[start + labelIndex];
                if (labels[image] >= classes)
                    throw new KindlingException($"'{files[n]}': record {start / record} has label {labels[image]}; 0 to {classes - 1} are allowed.");
                ReadOnlySpan<byte> planes = data.AsSpan(start + labelBytes, 3 * Plane);
                Span<byte> output = pixels.AsSpan(image * 3 * Plane, 3 * Plane);
                for (int p = 0; p < Plane; p++)
                    (output[3 * p], output[(3 * p) + 1], output[(3 * p) + 2]) = (planes[p], planes[Plane + p], planes[(2 * Plane) + p]);
            }
        }

        return (pixels, labels);
    }

    private static int Records(string file, int record)
    {
        long length = new FileInfo(file).Length;
        if (length == 0 || length % record != 0 || length > ImageLimits.MaximumFileBytes)
            throw new KindlingException($"'{file}' has {length} bytes; CIFAR's binary version has {record} bytes an image, and at most {ImageLimits.MaximumFileBytes} are read.");
        return (int)(length / record);
    }

    /// <summary>The names in one of the set's text files, or null when it is absent or has another number of lines.</summary>
    private static string[]? Known(string folder, string file, int classes)
    {
        string path = Path.Combine(folder, file);
        if (!File.Exists(path) || new FileInfo(path).Length > 1 << 16)
            return null;
        string[] names = [.. File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0)];
        return names.Length == classes ? names : null;
    }
}
