using System.Runtime.InteropServices;

namespace Kindling.Data.Images;

/// <summary>WebP (lossy, lossless; not animated) by libwebp. Alpha is dropped.</summary>
internal static unsafe partial class WebpDecoder
{
    public static Image Decode(ReadOnlySpan<byte> data, string name, int channels)
    {
        NativeLibraries.Prepare();
        try
        {
            fixed (byte* source = data)
            {
                if (GetInfo(source, (nuint)data.Length, out int width, out int height) == 0)
                    throw ImageDecoder.Unreadable(name, "the WebP header is damaged or incomplete");
                ImageLimits.Check(name, "WebP", height, width);
                byte[] pixels = new byte[checked(height * width * 3)];
                fixed (byte* destination = pixels)
                {
                    if (DecodeRgbInto(source, (nuint)data.Length, destination, (nuint)pixels.Length, width * 3) == null)
                        throw ImageDecoder.Unreadable(name, "the WebP data is truncated, damaged or an animation");
                }

                return ImageDecoder.ToChannels(pixels, height, width, 3, channels);
            }
        }
        catch (DllNotFoundException e)
        {
            throw NativeLibraries.Missing(name, "WebP", "libwebp7", e);
        }
    }

    [LibraryImport(NativeLibraries.Webp, EntryPoint = "WebPGetInfo")]
    private static partial int GetInfo(byte* data, nuint size, out int width, out int height);

    [LibraryImport(NativeLibraries.Webp, EntryPoint = "WebPDecodeRGBInto")]
    private static partial byte* DecodeRgbInto(byte* data, nuint size, byte* output, nuint outputSize, int stride);
}
