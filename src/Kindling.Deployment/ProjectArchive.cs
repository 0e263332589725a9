using System.IO.Compression;
using Kindling.IO;

namespace Kindling.Deployment;

/// <summary>A generated project as one .zip file, which the Arduino IDE takes as it is (Add .ZIP Library) and others unpack.</summary>
public static class ProjectArchive
{
    // The earliest time a .zip can hold: the same project gives the same bytes.
    private static readonly DateTimeOffset Timestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Packs a project's files into one folder of the archive, which is named as the project's symbol.</summary>
    /// <param name="project">A project whose folder still holds its files.</param>
    /// <param name="path">The archive; it appears whole or not at all and replaces a file of that name.</param>
    /// <exception cref="KindlingException">The folder cannot be read or the archive not be written.</exception>
    public static void Write(GeneratedProject project, string path)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new KindlingException($"{path} is a folder; name a file for the archive");
        AtomicFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var file in project.Files)
            {
                var entry = archive.CreateEntry($"{project.Symbol}/{file}", CompressionLevel.Optimal);
                entry.LastWriteTime = Timestamp;
                using var content = entry.Open();
                content.Write(File.ReadAllBytes(Path.Combine(project.Directory, file)));
            }
        });
    }
}
