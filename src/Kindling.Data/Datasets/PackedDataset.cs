using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>Images of one size that a data set's own file holds uncompressed, in the file's order.</summary>
internal sealed class PackedDataset : ImageDataset
{
    private readonly PackedImages _images;
    private readonly byte[] _labels;
    private readonly Lazy<ImageDataset>? _test;

    /// <param name="name">The path.</param>
    /// <param name="classNames">The classes, one for every label that occurs.</param>
    /// <param name="images">The pixels.</param>
    /// <param name="labels">One label an image, each below the number of classes.</param>
    /// <param name="openTestSet">Opens the test images that come with these, or null when there are none.</param>
    public PackedDataset(string name, IReadOnlyList<string> classNames, PackedImages images, byte[] labels, Func<ImageDataset>? openTestSet = null)
        : base(name, classNames)
    {
        _images = images;
        _labels = labels;
        _test = openTestSet is null ? null : new Lazy<ImageDataset>(openTestSet);
    }

    public override int Count => _labels.Length;

    public override ImageDataset? TestSet => _test?.Value;

    public override int Label(int index) => _labels[index];

    /// <summary>Class names may hold a slash (T-shirt/top); a file name has only the one after the class.</summary>
    public override string FileName(int index) => $"{ClassNames[Label(index)].Replace('/', '-')}/{index:D5}";

    public override Image Load(int index, int channels = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int size = _images.Height * _images.Width * _images.Channels;
        byte[] pixels = _images.Pixels.AsSpan(checked(index * size), size).ToArray();
        return ImageDecoder.ToChannels(pixels, _images.Height, _images.Width, _images.Channels, channels);
    }

    /// <summary>The names of the classes, in the order of the labels.</summary>
    /// <param name="name">The data set's path, for messages.</param>
    /// <param name="labels">Every label.</param>
    /// <param name="known">The names the set is known by, or null.</param>
    /// <param name="expected">The names the user gave, or null.</param>
    /// <exception cref="KindlingException">There are too few names for the labels.</exception>
    public static IReadOnlyList<string> NameClasses(string name, ReadOnlySpan<byte> labels, IReadOnlyList<string>? known, IReadOnlyList<string>? expected)
    {
        int highest = 0;
        foreach (byte label in labels)
            highest = Math.Max(highest, label);
        if (known is not null && (expected is null || expected.Order(Utf8Order.Instance).SequenceEqual(known.Order(Utf8Order.Instance))))
            expected = known;
        expected ??= [.. Enumerable.Range(0, Math.Max(10, highest + 1)).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        if (highest >= expected.Count || (known is not null && expected.Count != known.Count))
            throw new KindlingException($"Data set '{name}' has {known?.Count ?? highest + 1} classes, but {expected.Count} class names are given: {string.Join(", ", expected)}.");
        if (expected.Distinct().Count() != expected.Count)
            throw new KindlingException($"Data set '{name}': a class name is given twice: {string.Join(", ", expected)}.");
        return expected;
    }
}

/// <summary>Pixels of equally large images, one after another.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">1 or 3, interleaved.</param>
/// <param name="Pixels">[images, Height, Width, Channels].</param>
internal sealed record PackedImages(int Height, int Width, int Channels, byte[] Pixels);
