namespace Kindling.Data;

/// <summary>
/// Sorts a list of relative paths (<c>…/class/…/file.jpg</c>) into classes, the same way for folders and archives, and refuses layouts that cannot be trained on.
/// </summary>
internal sealed class ClassFolderLayout
{
    private static readonly string[] Extensions = [".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".webp"];

    private ClassFolderLayout(string[] classNames, Photo[] photos)
    {
        ClassNames = classNames;
        Photos = photos;
    }

    public string[] ClassNames { get; }

    public Photo[] Photos { get; }

    /// <summary>Builds the layout.</summary>
    /// <param name="root">The folder or archive, for messages.</param>
    /// <param name="files">Every file's path below the root, separated by <c>/</c>.</param>
    /// <param name="folders">Every folder's path below the root, so that empty ones are noticed.</param>
    /// <param name="expected">The class names the user gave, or null.</param>
    public static ClassFolderLayout Create(string root, IEnumerable<string> files, IEnumerable<string> folders, IReadOnlyList<string>? expected)
    {
        var images = files.Where(f => IsImage(f) && !IsHidden(f)).Select(f => (Path: f, Parts: f.Split('/'))).Where(f => f.Parts.Length >= 2).ToList();
        var allFolders = folders.Where(f => !IsHidden(f)).Select(f => f.Split('/')).ToList();
        if (images.Count == 0)
            throw new KindlingException($"Data set '{root}' holds no photos ({string.Join(", ", Extensions)}) in sub-folders. It must have one sub-folder of photos a class.");
        int depth = 0;
        while (IsWrapper(images, allFolders, depth))
            depth++;

        var photos = images.Where(i => i.Parts.Length >= depth + 2)
            .Select(i => (ClassName: i.Parts[depth], File: string.Join('/', i.Parts[(depth + 1)..]), i.Path)).ToList();
        string[] withPhotos = [.. photos.Select(p => p.ClassName).Distinct().Order(Utf8Order.Instance)];
        string[] empty = [.. allFolders.Where(f => f.Length > depth).Select(f => f[depth]).Distinct().Except(withPhotos).Order(Utf8Order.Instance)];
        if (empty.Length > 0)
            throw new KindlingException($"Data set '{root}': class folder {List(empty)} holds no photos ({string.Join(", ", Extensions)}). Fill or remove it.");
        if (withPhotos.Length < 2)
            throw new KindlingException($"Data set '{root}' has only one class, {List(withPhotos)}; a classifier needs at least two class folders.");
        if (expected is not null)
            CheckNames(root, withPhotos, expected);

        var labels = withPhotos.Select((name, label) => (name, label)).ToDictionary(c => c.name, c => c.label);
        Photo[] sorted = [.. photos.OrderBy(p => labels[p.ClassName]).ThenBy(p => p.File, Utf8Order.Instance)
            .Select(p => new Photo(labels[p.ClassName], $"{p.ClassName}/{p.File}", p.Path))];
        return new ClassFolderLayout(withPhotos, sorted);
    }

    /// <summary>True when everything lies in one folder at <paramref name="depth"/> which itself holds only folders.</summary>
    private static bool IsWrapper(List<(string Path, string[] Parts)> images, List<string[]> folders, int depth)
    {
        string first = images[0].Parts[depth];
        return images.TrueForAll(i => i.Parts.Length >= depth + 3 && i.Parts[depth] == first)
            && folders.TrueForAll(f => f.Length <= depth || f[depth] == first);
    }

    private static void CheckNames(string root, string[] found, IReadOnlyList<string> expected)
    {
        if (!expected.Order(Utf8Order.Instance).SequenceEqual(found))
            throw new KindlingException($"Data set '{root}': the class names given are {List(expected)}, the class folders are {List(found)}. They must be the same.");
    }

    private static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    private static bool IsHidden(string path) =>
        path.StartsWith('.') || path.Contains("/.", StringComparison.Ordinal) || path.StartsWith("__MACOSX", StringComparison.Ordinal);

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));

    /// <summary>One photo: its label, its name as class/file, and where it lies below the root.</summary>
    public readonly record struct Photo(int Label, string Name, string Path);
}
