namespace Kindling.Data;

/// <summary>A photo that could not be read.</summary>
/// <param name="FileName">Its name as class/file.</param>
/// <param name="Reason">The decoder's message.</param>
public readonly record struct SkippedImage(string FileName, string Reason);
