using Kindling.Execution;

namespace Kindling.Kernels.Float.Reference;

/// <summary>The mean of each channel over the image.</summary>
internal sealed unsafe class GlobalAveragePoolReference(KernelContext context) : ReferenceKernel(context)
{
    protected override void Compute()
    {
        var (height, width, channels) = (X.Shape.Height, X.Shape.Width, X.Shape.Channels);
        for (var n = 0; n < X.Shape.Batch; n++)
            for (var c = 0; c < channels; c++)
            {
                var sum = 0f;
                for (var y = 0; y < height; y++)
                    for (var x = 0; x < width; x++)
                        sum += At(X, n, y, x, c);
                At(Y, (n * channels) + c) = sum / (height * width);
            }
    }
}
