using System.IO.Compression;
using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>Photos in a zip archive with one folder a class, decoded straight from the archive: nothing is unpacked to disk.</summary>
internal sealed class ZipDataset : ImageDataset
{
    private readonly Lock _gate = new();
    private readonly ZipArchive _archive;
    private readonly ClassFolderLayout.Photo[] _photos;
    private readonly ZipArchiveEntry[] _entries;

    public ZipDataset(string path, IReadOnlyList<string>? classNames)
        : this(path, OpenArchive(path), classNames)
    {
    }

    private ZipDataset(string path, ZipArchive archive, IReadOnlyList<string>? classNames)
        : this(path, archive, ReadLayout(path, archive, classNames, out Dictionary<string, ZipArchiveEntry> entries), entries)
    {
    }

    private ZipDataset(string path, ZipArchive archive, ClassFolderLayout layout, Dictionary<string, ZipArchiveEntry> entries)
        : base(path, layout.ClassNames)
    {
        _archive = archive;
        _photos = layout.Photos;
        _entries = [.. _photos.Select(p => entries[p.Path])];
    }

    public override int Count => _photos.Length;

    public override int Label(int index) => _photos[index].Label;

    public override string FileName(int index) => _photos[index].Name;

    public override Image Load(int index, int channels = 3) => ImageDecoder.Decode(ReadEntry(index), $"{Name}!{_photos[index].Path}", channels);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _archive.Dispose();
        base.Dispose(disposing);
    }

    private static ZipArchive OpenArchive(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return new ZipArchive(file, ZipArchiveMode.Read);
        }
        catch (InvalidDataException e)
        {
            file?.Dispose();
            throw new KindlingException($"Data set '{path}' is neither a folder nor a readable .zip archive: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new KindlingException($"Data set '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static ClassFolderLayout ReadLayout(
        string path, ZipArchive archive, IReadOnlyList<string>? classNames, out Dictionary<string, ZipArchiveEntry> entries)
    {
        entries = [];
        try
        {
            var folders = new HashSet<string>();
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                string name = entry.FullName.Replace('\\', '/');
                if (name.EndsWith('/'))
                    folders.Add(name.TrimEnd('/'));
                else if (!entries.TryAdd(name, entry))
                    throw new KindlingException($"Data set '{path}': the archive holds '{name}' twice.");
            }

            return ClassFolderLayout.Create(path, entries.Keys, folders, classNames);
        }
        catch (Exception e)
        {
            archive.Dispose();
            if (e is InvalidDataException or IOException)
                throw new KindlingException($"Data set '{path}': the archive's directory is damaged: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Reads one entry; an archive has one file position, so one thread at a time.</summary>
    private byte[] ReadEntry(int index)
    {
        ZipArchiveEntry entry = _entries[index];
        string name = $"{Name}!{_photos[index].Path}";
        lock (_gate)
        {
            try
            {
                if (entry.Length > ImageLimits.MaximumFileBytes)
                    throw ImageDecoder.Unreadable(name, $"the archive says it has {entry.Length} bytes, at most {ImageLimits.MaximumFileBytes} are read");
                byte[] data = new byte[entry.Length];
                using Stream stream = entry.Open();
                stream.ReadExactly(data);
                return data;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException)
            {
                throw new KindlingException($"Cannot read image '{name}': {e.Message}", e);
            }
        }
    }
}
