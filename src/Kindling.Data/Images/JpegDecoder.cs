using System.Runtime.InteropServices;

namespace Kindling.Data.Images;

/// <summary>
/// JPEG by libturbojpeg with its defaults (accurate integer DCT, smooth chroma upsampling), so pixels equal libjpeg's and TensorFlow's.
/// </summary>
internal static unsafe partial class JpegDecoder
{
    private const int FormatRgb = 0;
    private const int FormatGray = 6;
    private const int FormatCmyk = 11;
    private const int ColorspaceCmyk = 3;
    private const int ColorspaceYcck = 4;
    private const int ErrorIsWarning = 0;

    public static Image Decode(ReadOnlySpan<byte> data, string name, int channels)
    {
        NativeLibraries.Prepare();
        nint handle;
        try
        {
            handle = InitDecompress();
        }
        catch (DllNotFoundException e)
        {
            throw NativeLibraries.Missing(name, "JPEG", "libturbojpeg0", e);
        }

        if (handle == 0)
            throw ImageDecoder.Unreadable(name, "the JPEG decoder could not start");
        try
        {
            fixed (byte* source = data)
                return Decode(handle, source, data.Length, name, channels);
        }
        finally
        {
            _ = Destroy(handle);
        }
    }

    private static Image Decode(nint handle, byte* source, int length, string name, int channels)
    {
        var size = new CULong((uint)length);
        if (DecompressHeader(handle, source, size, out int width, out int height, out _, out int colorspace) != 0)
            ThrowUnlessHarmless(handle, name);
        ImageLimits.Check(name, "JPEG", height, width);
        bool cmyk = colorspace is ColorspaceCmyk or ColorspaceYcck;
        int stored = cmyk ? 4 : channels;
        int format = cmyk ? FormatCmyk : channels == 1 ? FormatGray : FormatRgb;
        byte[] pixels = new byte[checked(height * width * stored)];
        fixed (byte* destination = pixels)
        {
            if (Decompress(handle, source, size, destination, width, width * stored, height, format, 0) != 0)
                ThrowUnlessHarmless(handle, name);
        }

        if (!cmyk)
            return new Image(height, width, channels, pixels);
        InvertedCmykToRgb(pixels);
        return ImageDecoder.ToChannels(pixels, height, width, 4, channels);
    }

    /// <summary>libjpeg only warns about a file that ends early or whose data is damaged, and makes pixels up: here both are faults.</summary>
    private static void ThrowUnlessHarmless(nint handle, string name)
    {
        string message = Marshal.PtrToStringUTF8(GetErrorString(handle)) ?? "unknown error";
        bool damaged = message.Contains("premature end", StringComparison.OrdinalIgnoreCase)
            || (message.StartsWith("Corrupt JPEG data", StringComparison.Ordinal) && !message.Contains("extraneous bytes", StringComparison.Ordinal));
        if (GetErrorCode(handle) != ErrorIsWarning || damaged)
            throw ImageDecoder.Unreadable(name, $"the JPEG decoder says '{message.TrimEnd('.')}'");
    }

    /// <summary>Photo programs store CMYK inverted, so ink 255 means none of it.</summary>
    private static void InvertedCmykToRgb(Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i += 4)
        {
            int k = pixels[i + 3];
            for (int c = 0; c < 3; c++)
                pixels[i + c] = (byte)(((pixels[i + c] * k) + 127) / 255);
        }
    }

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjDecompressHeader3")]
    private static partial int DecompressHeader(
        nint handle, byte* source, CULong size, out int width, out int height, out int subsampling, out int colorspace);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjDecompress2")]
    private static partial int Decompress(
        nint handle, byte* source, CULong size, byte* destination, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjGetErrorStr2")]
    private static partial nint GetErrorString(nint handle);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjGetErrorCode")]
    private static partial int GetErrorCode(nint handle);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint handle);
}
