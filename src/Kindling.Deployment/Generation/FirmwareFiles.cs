using System.Text.RegularExpressions;

namespace Kindling.Deployment.Generation;

/// <summary>The files of the repository's <c>firmware/</c> folder, carried inside this assembly so that the tool works anywhere.</summary>
internal static partial class FirmwareFiles
{
    /// <summary>The files of some kernels: one source each, and the headers they include.</summary>
    public static IReadOnlyCollection<string> OfKernels(IEnumerable<string> kernels)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([.. kernels.Select(k => $"{k}.c"), "kindling_kernels.h"]);
        while (open.TryPop(out var file))
        {
            if (!files.Add(file))
                continue;
            foreach (Match include in Include().Matches(Read($"kernels/{file}")))
                open.Push(include.Groups[1].Value);
        }

        return files;
    }

    /// <summary>The text of a file, for example <c>kernels/kindling_conv2d_s8.c</c>.</summary>
    public static string Read(string path)
    {
        using var stream = typeof(FirmwareFiles).Assembly.GetManifestResourceStream(path)
            ?? throw new InvalidOperationException($"{path} is not part of this assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("^#include \"([^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex Include();
}
