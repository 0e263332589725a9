using System.Text;

namespace Kindling.Deployment.Generation;

/// <summary>
/// A folder that appears whole or not at all. It carries a list of its files, so that it can be written again, and is refused when it
/// holds anything that was not generated.
/// </summary>
internal static class ProjectFolder
{
    private const string Marker = ".kindling-files";

    /// <summary>Throws when the folder exists and holds files of somebody else.</summary>
    public static void Check(string folder)
    {
        if (File.Exists(folder))
            throw new KindlingException($"{folder} is a file; name a folder for the C code");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
            return;
        var marker = Path.Combine(folder, Marker);
        if (!File.Exists(marker))
            throw new KindlingException($"{folder} is not empty and was not written by Kindling; name a new folder for the C code");
        var ours = File.ReadAllLines(marker).ToHashSet(StringComparer.Ordinal);
        ours.Add(Marker);
        var foreign = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
            .FirstOrDefault(f => !ours.Contains(f) && !f.StartsWith("build", StringComparison.Ordinal));
        if (foreign is not null)
            throw new KindlingException($"{folder} holds {foreign}, which Kindling did not write; move it or name a new folder for the C code");
    }

    /// <summary>Writes the files into a temporary folder beside the target, then puts it in its place.</summary>
    public static void Write(string folder, IReadOnlyDictionary<string, string> files)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        var old = $"{target}.{Environment.ProcessId}.old";
        try
        {
            foreach (var (name, text) in files)
            {
                var path = Path.Combine(temporary, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, text, new UTF8Encoding(false));
            }

            File.WriteAllLines(Path.Combine(temporary, Marker), files.Keys.Order(StringComparer.Ordinal));
            if (Directory.Exists(target))
                Directory.Move(target, old);
            Directory.Move(temporary, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(old) && !Directory.Exists(target))
                Directory.Move(old, target);
            throw new KindlingException($"{folder} cannot be written: {e.Message}", e);
        }
        finally
        {
            Delete(temporary);
            // Until the new folder stands, the old one is all there is.
            if (Directory.Exists(target))
                Delete(old);
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
