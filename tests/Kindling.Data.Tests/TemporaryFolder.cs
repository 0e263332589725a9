using System.IO.Compression;
using Kindling.Data.Images;

namespace Kindling.Data.Tests;

/// <summary>A folder that is deleted at the end of a test, with ways to put photos into it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kindling-data-").FullName;

    public string Write(string relative, byte[] data)
    {
        string path = System.IO.Path.Combine(Path, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, data);
        return path;
    }

    /// <summary>Writes a 2 x 2 photo whose every byte is <paramref name="value"/>.</summary>
    public string WritePhoto(string relative, byte value = 128) => Write(relative, Photo(value));

    public static byte[] Photo(byte value) => PngEncoder.Encode(new Image(2, 2, 3, [.. Enumerable.Repeat(value, 12)]));

    /// <summary>Writes an archive with the given entries; a name that ends in / is a folder.</summary>
    public string WriteZip(string relative, params (string Name, byte[] Data)[] entries)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] data) in entries)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name);
                if (!name.EndsWith('/'))
                {
                    using Stream stream = entry.Open();
                    stream.Write(data);
                }
            }
        }

        return Write(relative, memory.ToArray());
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
