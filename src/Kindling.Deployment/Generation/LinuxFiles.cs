using System.Globalization;

namespace Kindling.Deployment.Generation;

/// <summary>The files that a project needs besides to run on two threads under Linux.</summary>
internal static class LinuxFiles
{
    /// <summary>The kernels whose layers are split by rows; <c>kindling_threads.c</c> calls all of them.</summary>
    public static IReadOnlyList<string> ThreadedKernels { get; } =
    [
        "kindling_conv2d_s8", "kindling_depthwise_conv2d_s8", "kindling_conv2d_plain_s8", "kindling_depthwise_conv2d_plain_s8", "kindling_max_pool_s8",
        "kindling_average_pool_s8",
    ];

    /// <summary>Adds the folder <c>linux/</c>.</summary>
    public static void AddTo(IDictionary<string, string> files, GeneratedProject project)
    {
        foreach (var name in new[] { "CMakeLists.txt", "arm-linux-gnueabihf.cmake", "kindling_threads.c", "kindling_threads.h" })
        {
            files[$"linux/{name}"] = FirmwareFiles.Read($"linux/{name}")
                .Replace("@SYMBOL@", project.Symbol, StringComparison.Ordinal)
                .Replace("@SCRATCH_BYTES@", project.ScratchBytes.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }
    }
}
