namespace Kindling.Tests;

/// <summary>The folder of photos, published models and golden outputs beside the repository, when there is one.</summary>
internal static class SharedData
{
    /// <summary>The root of the repository: the folder that holds the solution.</summary>
    public static string Repository { get; } = FindRepository();

    // Stands below Repository because static fields are initialized in the order they are written.
    private static readonly string? Root = Find();

    /// <summary>The path of a file or folder below <c>shared/data</c>; skips the running test, saying why, when it is absent.</summary>
    public static string Require(string relativePath)
    {
        var path = Root is null ? null : Path.Combine(Root, relativePath);
        if (path is null || (!File.Exists(path) && !Directory.Exists(path)))
            Assert.Skip($"shared/data/{relativePath} is not beside the repository");
        return path;
    }

    /// <summary>The path of a file or folder below <c>shared/data</c>; null when it is absent.</summary>
    public static string? FindPath(string relativePath)
    {
        var path = Root is null ? null : Path.Combine(Root, relativePath);
        return Path.Exists(path) ? path : null;
    }

    private static string? Find()
    {
        var configured = Environment.GetEnvironmentVariable("KINDLING_SHARED");
        var shared = configured ?? Path.Combine(Path.GetDirectoryName(Repository) ?? "", "shared");
        var data = Path.Combine(shared, "data");
        return Directory.Exists(data) ? data : null;
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Kindling.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("no folder above the tests holds Kindling.slnx");
    }
}
