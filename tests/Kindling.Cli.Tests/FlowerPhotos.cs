using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>Some of the flower photos as a folder of classes.</summary>
internal static class FlowerPhotos
{
    /// <summary>Writes the first photos of each class.</summary>
    public static void Write(string folder, int perClass)
    {
        using var flowers = ImageDataset.Open(SharedData.Require("flowers/flower_photos_256.zip"));
        var written = new int[flowers.ClassNames.Count];
        for (var i = 0; i < flowers.Count; i++)
        {
            var label = flowers.Label(i);
            if (written[label]++ >= perClass)
                continue;
            var path = Path.Combine(folder, Path.ChangeExtension(flowers.FileName(i), ".png"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, PngEncoder.Encode(flowers.Load(i)));
        }
    }
}
