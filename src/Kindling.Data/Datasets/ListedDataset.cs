using System.Globalization;
using System.IO.Compression;
using Kindling.Data.Images;

namespace Kindling.Data;

/// <summary>
/// Photos listed in a table of labels: tab-separated, a header line, columns <c>file</c> and <c>class_index</c>, and <c>synset</c> or <c>name</c> for the
/// classes' names. The files lie below the table's folder, or in the zip archives of that folder.
/// </summary>
public sealed class ListedDataset : ImageDataset
{
    /// <summary>The name under which a folder's table is found.</summary>
    public const string TableName = "labels.tsv";

    private const int MostClasses = 1 << 20;
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly List<ZipArchive> _archives;
    private readonly Dictionary<string, ZipArchiveEntry> _entries;
    private readonly (string File, int Label)[] _photos;

    private ListedDataset(string table, string[] classNames, (string File, int Label)[] photos)
        : base(table, classNames)
    {
        _folder = Path.GetDirectoryName(Path.GetFullPath(table))!;
        _photos = photos;
        _archives = [];
        _entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        if (photos.All(p => File.Exists(Path.Combine(_folder, p.File))))
            return;
        try
        {
            foreach (var zip in Directory.EnumerateFiles(_folder, "*.zip").Order(StringComparer.Ordinal))
            {
                _archives.Add(ZipFile.OpenRead(zip));
                foreach (var entry in _archives[^1].Entries)
                    _entries.TryAdd(entry.FullName, entry);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            _archives.ForEach(a => a.Dispose());
            throw new KindlingException($"Data set '{table}': an archive beside it cannot be read: {e.Message}", e);
        }

        var missing = photos.FirstOrDefault(p => !_entries.ContainsKey(p.File) && !File.Exists(Path.Combine(_folder, p.File))).File;
        if (missing is not null)
        {
            _archives.ForEach(a => a.Dispose());
            throw new KindlingException($"Data set '{table}' lists '{missing}', which is neither below its folder nor in a zip archive there.");
        }
    }

    /// <inheritdoc/>
    public override int Count => _photos.Length;

    /// <summary>The table beside or in a path: a table itself, a folder with one, or a zip archive whose folder has one; null when there is none.</summary>
    public static string? FindTable(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) && File.Exists(path))
            return path;
        var folder = Directory.Exists(path) ? path
            : File.Exists(path) && path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? Path.GetDirectoryName(Path.GetFullPath(path))
            : null;
        var table = folder is null ? null : Path.Combine(folder, TableName);
        return File.Exists(table) ? table : null;
    }

    /// <summary>Opens a table.</summary>
    /// <exception cref="KindlingException">It cannot be read, a line is faulty, or a file is missing; the message names the line or the file.</exception>
    public static ListedDataset OpenTable(string table)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        string[] lines;
        try
        {
            lines = File.ReadAllLines(table);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KindlingException($"Data set '{table}' cannot be read: {e.Message}", e);
        }

        var header = lines.Length > 0 ? lines[0].Split('\t').ToList() : [];
        var (file, label) = (header.IndexOf("file"), header.IndexOf("class_index"));
        var name = header.Contains("synset") ? header.IndexOf("synset") : header.IndexOf("name");
        if (file < 0 || label < 0)
            throw new KindlingException($"Data set '{table}': the first line must name tab-separated columns, file and class_index among them.");
        var photos = new List<(string, int)>();
        var names = new SortedDictionary<int, string>();
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
                continue;
            var cells = lines[i].Split('\t');
            if (cells.Length != header.Count || !int.TryParse(cells[label], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= MostClasses)
                throw new KindlingException($"Data set '{table}': line {i + 1} is not {string.Join(", ", header)}.");
            if (Path.IsPathRooted(cells[file]) || cells[file].Split('/', '\\').Contains(".."))
                throw new KindlingException($"Data set '{table}': line {i + 1} names '{cells[file]}', which is outside the folder.");
            photos.Add((cells[file], index));
            names.TryAdd(index, name < 0 ? cells[label] : cells[name]);
        }

        if (names.Count < 2)
            throw new KindlingException($"Data set '{table}' has {names.Count} classes; a classifier needs at least two.");
        return new ListedDataset(
            table, [.. Enumerable.Range(0, names.Keys.Last() + 1).Select(c => names.GetValueOrDefault(c, $"class {c}"))], [.. photos]);
    }

    /// <inheritdoc/>
    public override int Label(int index) => _photos[index].Label;

    /// <inheritdoc/>
    public override string FileName(int index) => _photos[index].File;

    /// <inheritdoc/>
    public override Image Load(int index, int channels = 3)
    {
        var file = _photos[index].File;
        return _entries.TryGetValue(file, out var entry)
            ? ImageDecoder.Decode(Read(entry, file), file, channels)
            : ImageDecoder.DecodeFile(Path.Combine(_folder, file), channels);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _archives.ForEach(a => a.Dispose());
        base.Dispose(disposing);
    }

    private byte[] Read(ZipArchiveEntry entry, string file)
    {
        lock (_gate)
        {
            try
            {
                if (entry.Length > ImageLimits.MaximumFileBytes)
                    throw new KindlingException($"Cannot read image '{file}': the archive says it has {entry.Length} bytes, at most {ImageLimits.MaximumFileBytes} are read");
                var data = new byte[entry.Length];
                using var stream = entry.Open();
                stream.ReadExactly(data);
                return data;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException)
            {
                throw new KindlingException($"Cannot read image '{file}': {e.Message}", e);
            }
        }
    }
}
