using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>How the images of a batch are taken together so that what several stages make of them stays in the cache. Depends on shapes only.</summary>
/// <param name="Images">Images of a group; divides the batch.</param>
/// <param name="Count">Groups.</param>
internal readonly record struct ImageGroups(int Images, int Count)
{
    private const long BytesOfGroup = 128 << 10;

    /// <summary>Groups for images of so many floats.</summary>
    public static ImageGroups Of(int batch, long floatsOfImage)
    {
        var most = Math.Max(1, BytesOfGroup / (floatsOfImage * sizeof(float)));
        var images = (int)Math.Min(batch, most);
        while (batch % images != 0)
            images--;
        return new ImageGroups(images, batch / images);
    }

    /// <summary>A view of one group's images, wherever they lie.</summary>
    public TensorView Of(TensorView all) => all with { Data = 0, Shape = all.Shape.WithBatch(Images) };

    /// <summary>Floats from one group to the next.</summary>
    public nint Step(TensorView all) => (nint)(all.Shape.Pixels / all.Shape.Batch) * all.PixelStride * Images;
}
