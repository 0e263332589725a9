using System.Runtime.InteropServices;

namespace Kindling.Data.Images;

/// <summary>PNG by libpng 1.6's simplified interface. Alpha is dropped, not blended; 16-bit samples are reduced to 8.</summary>
internal static unsafe partial class PngDecoder
{
    private const uint Version = 1;
    private const uint FormatAlpha = 1;
    private const uint FormatColor = 2;
    private const uint SixteenBitIsSrgb = 4;

    public static Image Decode(ReadOnlySpan<byte> data, string name, int channels)
    {
        NativeLibraries.Prepare();
        var image = new PngImage { Version = Version };
        try
        {
            fixed (byte* source = data)
            {
                if (BeginRead(&image, source, (nuint)data.Length) == 0)
                    throw Failure(&image, name);
                ImageLimits.Check(name, "PNG", image.Height, image.Width);
                bool color = (image.Format & FormatColor) != 0;
                int stored = color ? 4 : 2;
                image.Format = color ? FormatColor | FormatAlpha : FormatAlpha;
                image.Flags |= SixteenBitIsSrgb;
                int height = (int)image.Height, width = (int)image.Width;
                byte[] pixels = new byte[checked(height * width * stored)];
                fixed (byte* destination = pixels)
                {
                    if (FinishRead(&image, null, destination, width * stored, null) == 0)
                        throw Failure(&image, name);
                }

                return ImageDecoder.ToChannels(pixels, height, width, stored, channels);
            }
        }
        catch (DllNotFoundException e)
        {
            throw NativeLibraries.Missing(name, "PNG", "libpng16-16", e);
        }
        finally
        {
            if (image.Opaque != null)
                Free(&image);
        }
    }

    private static KindlingException Failure(PngImage* image, string name) =>
        ImageDecoder.Unreadable(name, $"the PNG decoder says '{Marshal.PtrToStringUTF8((nint)image->Message)}'");

    [LibraryImport(NativeLibraries.Png, EntryPoint = "png_image_begin_read_from_memory")]
    private static partial int BeginRead(PngImage* image, byte* memory, nuint size);

    [LibraryImport(NativeLibraries.Png, EntryPoint = "png_image_finish_read")]
    private static partial int FinishRead(PngImage* image, void* background, byte* buffer, int rowStride, void* colormap);

    [LibraryImport(NativeLibraries.Png, EntryPoint = "png_image_free")]
    private static partial void Free(PngImage* image);

    /// <summary>libpng's png_image.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PngImage
    {
        public void* Opaque;
        public uint Version;
        public uint Width;
        public uint Height;
        public uint Format;
        public uint Flags;
        public uint ColormapEntries;
        public uint WarningOrError;
        public fixed byte Message[64];
    }
}
