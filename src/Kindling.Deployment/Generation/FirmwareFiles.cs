namespace Kindling.Deployment.Generation;

/// <summary>The files of the repository's <c>firmware/</c> folder, carried inside this assembly so that the tool works anywhere.</summary>
internal static class FirmwareFiles
{
    /// <summary>The headers every kernel may include.</summary>
    public static IReadOnlyList<string> KernelHeaders { get; } = ["kindling_kernels.h", "kindling_fixed_point.h", "kindling_rounding.h", "kindling_simd.h"];

    /// <summary>The text of a file, for example <c>kernels/kindling_conv2d_s8.c</c>.</summary>
    public static string Read(string path)
    {
        using var stream = typeof(FirmwareFiles).Assembly.GetManifestResourceStream(path)
            ?? throw new InvalidOperationException($"{path} is not part of this assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
