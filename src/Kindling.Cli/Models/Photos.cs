using Kindling.Cli.Hosting;
using Kindling.Data;
using Kindling.Data.Images;
using Kindling.Graphs;

namespace Kindling.Cli.Models;

/// <summary>Finds and prepares photos.</summary>
internal static class Photos
{
    private static readonly string[] Extensions = [".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp", ".ppm", ".pgm"];

    /// <summary>Files and, of folders, the images in them, in the order of their names.</summary>
    /// <exception cref="KindlingException">Nothing is at a path, or a folder holds no image.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (File.Exists(path))
            {
                files.Add(path);
                continue;
            }

            if (!Directory.Exists(path))
                throw new KindlingException($"image {path} does not exist");
            var images = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
            if (images.Count == 0)
                throw new KindlingException($"folder {path} holds no image ({string.Join(", ", Extensions)})");
            files.AddRange(images);
        }

        return files;
    }

    /// <summary>True for file names that are images.</summary>
    public static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes a photo to the pixels a model takes.</summary>
    /// <exception cref="KindlingException">It cannot be read; the message names it.</exception>
    public static byte[] Pixels(string path, Preprocessing preprocessing)
    {
        var pixels = new byte[preprocessing.PixelCount()];
        ImagePreprocessor.ToPixels(ImageDecoder.DecodeFile(path, preprocessing.Channels), preprocessing, pixels);
        return pixels;
    }

    /// <summary>Decodes all photos of a set; unreadable ones are named on the terminal.</summary>
    public static DecodedImageCache Decode(ImageDataset dataset, Preprocessing preprocessing, string title, int threads, bool checkImageFiles, VerbContext context)
    {
        DecodedImageCache? cache = null;
        context.Terminal.Track(title, dataset.Count, tracker => cache = DecodedImageCache.Load(
            dataset, preprocessing, threads, checkImageFiles, new Relay(tracker), context.Cancellation));
        foreach (var skipped in cache!.SkippedImages)
            context.Terminal.Warn($"{skipped.FileName} is left out: {skipped.Reason}");
        if (cache.SkippedImages.Count > 0)
            context.Terminal.Warn($"{cache.SkippedImages.Count} of {dataset.Count} photos are unreadable and left out");
        return cache;
    }

    private sealed class Relay(IProgressTracker tracker) : IProgress<DecodeProgress>
    {
        public void Report(DecodeProgress value) => tracker.Report(value.Done);
    }
}
