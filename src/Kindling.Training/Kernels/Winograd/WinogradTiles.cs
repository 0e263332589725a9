using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels.Winograd;

/// <summary>Transforms tiles of images <c>[N, H, W, C]</c>; what lies outside an image is zero. Planes are <c>[36][tiles][channels]</c>.</summary>
internal static unsafe class WinogradTiles
{
    /// <summary>Floats from one plane to the next: not a multiple of the cache's way, so that planes do not push each other out.</summary>
    public static nint PlaneStep(int tiles, int channels) => ((nint)tiles * channels) + 16;

    /// <summary>Bytes of scratch memory a transform needs.</summary>
    public const int ScratchBytes = 2 * WinogradTransforms.ScratchFloats * sizeof(float);

    /// <summary>Transforms the 6x6 pixels under each tile (or the 4x4 of a gradient) for some channels, a multiple of 16.</summary>
    public static void Gather(
        TensorView images, ReadOnlySpan<(int Image, int Row, int Column)> tiles, int top, int left, int side, int firstChannel, int channels,
        float* planes, nint planeStep, float* scratch)
    {
        var (height, width) = (images.Shape.Height, images.Shape.Width);
        nint pixelStep = images.PixelStride;
        var rowStep = width * pixelStep;
        for (var t = 0; t < tiles.Length; t++)
        {
            var (image, row, column) = tiles[t];
            var (y, x) = (row - top, column - left);
            var isInside = y >= 0 && x >= 0 && y + side <= height && x + side <= width;
            var corner = images.Floats + ((((nint)image * height) + y) * rowStep) + (x * pixelStep) + firstChannel;
            var target = planes + ((nint)t * channels);
            for (var c = 0; c < channels; c += 16)
            {
                var (source, rows, pixels) = ((nint)(corner + c), rowStep, pixelStep);
                if (!isInside)
                {
                    var patch = scratch + WinogradTransforms.ScratchFloats;
                    Patch((float*)source, y, x, height, width, side, rowStep, pixelStep, patch);
                    (source, rows, pixels) = ((nint)patch, side * 16, 16);
                }

                if (side == WinogradTransforms.Side)
                    WinogradTransforms.Input((float*)source, rows, pixels, target + c, planeStep, scratch);
                else
                    WinogradTransforms.Gradient((float*)source, rows, pixels, target + c, planeStep, scratch);
            }
        }
    }

    /// <summary>Turns sums back into outputs, adds a bias, clips, and writes what lies inside the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter(
        float* planes, nint planeStep, int channels, ReadOnlySpan<(int Image, int Row, int Column)> tiles, float* bias, float min, float max, bool adds,
        TensorView images, int firstChannel, float* scratch)
    {
        var (height, width) = (images.Shape.Height, images.Shape.Width);
        nint pixelStep = images.PixelStride;
        var (low, high) = (Vector512.Create(min), Vector512.Create(max));
        var pixels = scratch + WinogradTransforms.ScratchFloats;
        for (var t = 0; t < tiles.Length; t++)
        {
            var (image, row, column) = tiles[t];
            var (rows, columns) = (Math.Min(4, height - row), Math.Min(4, width - column));
            var corner = images.Floats + ((((((nint)image * height) + row) * width) + column) * pixelStep) + firstChannel;
            for (var c = 0; c < channels; c += 16)
            {
                WinogradTransforms.Output(planes + ((nint)t * channels) + c, planeStep, pixels, scratch);
                var seed = bias is null ? Vector512<float>.Zero : Vector512.Load(bias + c);
                for (var y = 0; y < rows; y++)
                {
                    var target = corner + c + (y * width * pixelStep);
                    for (var x = 0; x < columns; x++, target += pixelStep)
                    {
                        var value = Vector512.Load(pixels + (((y * 4) + x) * 16)) + (adds ? Vector512.Load(target) : seed);
                        Vector512.MinNative(high, Vector512.MaxNative(low, value)).Store(target);
                    }
                }
            }
        }
    }

    /// <summary>Copies the part of a tile that lies inside the image between zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Patch(float* corner, int y, int x, int height, int width, int side, nint rowStep, nint pixelStep, float* patch)
    {
        var (top, bottom) = (Math.Max(0, -y), Math.Min(side, height - y));
        var (left, right) = (Math.Max(0, -x), Math.Min(side, width - x));
        for (var i = 0; i < side; i++, corner += rowStep)
        {
            var isRow = i >= top && i < bottom;
            var (first, last) = isRow ? (left, right) : (side, side);
            var j = 0;
            for (; j < first; j++, patch += 16)
                Vector512<float>.Zero.Store(patch);
            var pixel = corner + (j * pixelStep);
            for (; j < last; j++, patch += 16, pixel += pixelStep)
                Vector512.Load(pixel).Store(patch);
            for (; j < side; j++, patch += 16)
                Vector512<float>.Zero.Store(patch);
        }
    }
}
