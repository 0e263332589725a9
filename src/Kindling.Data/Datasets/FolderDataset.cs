using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>Photos in a folder with one sub-folder a class.</summary>
internal sealed class FolderDataset : ImageDataset
{
    private readonly string _root;
    private readonly ClassFolderLayout.Photo[] _photos;

    public FolderDataset(string root, IReadOnlyList<string>? classNames)
        : this(root, ReadLayout(root, classNames))
    {
    }

    private FolderDataset(string root, ClassFolderLayout layout)
        : base(root, layout.ClassNames)
    {
        _root = root;
        _photos = layout.Photos;
    }

    public override int Count => _photos.Length;

    public override int Label(int index) => _photos[index].Label;

    public override string FileName(int index) => _photos[index].Name;

    public override Image Load(int index, int channels = 3) => ImageDecoder.DecodeFile(Path.Combine(_root, _photos[index].Path), channels);

    private static ClassFolderLayout ReadLayout(string root, IReadOnlyList<string>? classNames)
    {
        try
        {
            return ClassFolderLayout.Create(
                root,
                Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(f => Relative(root, f)),
                Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Select(f => Relative(root, f)),
                classNames);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"Data set '{root}' cannot be read: {e.Message}", e);
        }
    }

    private static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
}
