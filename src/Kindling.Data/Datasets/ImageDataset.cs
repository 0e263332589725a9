using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>
/// Labelled photos in a fixed order, so an index means the same photo on every machine: sorted by class, then by file name (both in UTF-8 byte order),
/// or as a set of one file (IDX, CIFAR) has them.
/// Loading is safe from several threads at once.
/// </summary>
public abstract class ImageDataset : IDisposable
{
    /// <summary>Creates the data set.</summary>
    /// <param name="name">What messages and reports call it: its path, or how it was made.</param>
    /// <param name="classNames">The classes; a label is an index into them.</param>
    protected ImageDataset(string name, IReadOnlyList<string> classNames)
    {
        Name = name;
        ClassNames = classNames;
    }

    /// <summary>What messages and reports call it: its path, or how it was made.</summary>
    public string Name { get; }

    /// <summary>The classes in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Photos in the set.</summary>
    public abstract int Count { get; }

    /// <summary>The class of photo <paramref name="index"/>, an index into <see cref="ClassNames"/>.</summary>
    public abstract int Label(int index);

    /// <summary>The photo's name as <c>class/file</c>, with <c>/</c> on every system.</summary>
    public abstract string FileName(int index);

    /// <summary>The test images that come with the set (IDX and CIFAR folders), or null. It is opened when first asked for and lives as long as this set.</summary>
    /// <exception cref="KindlingException">The test images cannot be read.</exception>
    public virtual ImageDataset? TestSet => null;

    /// <summary>Reads and decodes photo <paramref name="index"/>.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <param name="channels">1 for luma, 3 for red, green, blue.</param>
    /// <exception cref="KindlingException">The file cannot be read or decoded; the message names it and the reason.</exception>
    public abstract Image Load(int index, int channels = 3);

    /// <summary>A view of the photos at <paramref name="indices"/>, in that order. It does not own the data set.</summary>
    public ImageDataset Subset(IReadOnlyList<int> indices) => new SubsetDataset(this, indices);

    /// <summary>Photos of each class.</summary>
    public IReadOnlyList<int> CountByClass()
    {
        int[] counts = new int[ClassNames.Count];
        for (int i = 0; i < Count; i++)
            counts[Label(i)]++;
        return counts;
    }

    /// <summary>
    /// Opens a folder or a <c>.zip</c> archive with one sub-folder a class, a folder of MNIST-like IDX files (or one file of IDX images), or a folder of CIFAR-10 or
    /// CIFAR-100 in the binary version. Sets that come divided give their training images; the test images are <see cref="TestSet"/>.
    /// </summary>
    /// <param name="path">
    /// Class folders: outer folders that hold nothing but one other folder are skipped, so an archive of <c>flower_photos/roses/1.jpg</c> has class <c>roses</c>.
    /// Files count when their name ends in .bmp, .gif, .jpeg, .jpg, .png, .webp, .ppm or .pgm; folders inside a class are walked too.
    /// </param>
    /// <param name="classNames">
    /// The classes expected, or null for whatever is there. Class folders: in any order, labels follow the sorted names. IDX and CIFAR: in the order of the labels,
    /// or in any order when they are the names the set is known by (Fashion-MNIST, CIFAR); without names the classes of other IDX sets are 0, 1, …
    /// </param>
    /// <exception cref="KindlingException">
    /// Nothing is at the path, it is none of these, files are damaged or do not fit each other, a class folder is empty, fewer than two classes exist, or the names differ
    /// from <paramref name="classNames"/>.
    /// </exception>
    public static ImageDataset Open(string path, IReadOnlyList<string>? classNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (Directory.Exists(path))
                return IdxDataset.TryOpen(path, classNames) ?? CifarDataset.TryOpen(path, classNames) ?? new FolderDataset(path, classNames);
            if (File.Exists(path))
                return IdxDataset.TryOpen(path, classNames) ?? new ZipDataset(path, classNames);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"Data set '{path}' cannot be read: {e.Message}", e);
        }

        throw new KindlingException($"Data set '{path}' does not exist. It must be a folder with one sub-folder of photos a class, a .zip archive of one, or a folder of IDX or CIFAR files.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the data set holds open.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
