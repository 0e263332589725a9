using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Kindling.Data.Images;

namespace Kindling.Data.Tests;

/// <summary>Image files made on the spot, by the system libraries' own encoders where the product has none.</summary>
internal static partial class TestImages
{
    /// <summary>A smooth picture with noise, so that every format has something to do.</summary>
    public static Image Picture(int height, int width, int channels = 3)
    {
        var image = new Image(height, width, channels);
        var random = new Random(7);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int pixel = i / channels;
            image.Pixels[i] = (byte)Math.Clamp((pixel % width * 180 / width) + (pixel / width * 60 / height) + (i % channels * 20) + random.Next(8), 0, 255);
        }

        return image;
    }

    public static byte[] Bmp24(Image image, bool topDown = false)
    {
        int stride = ((image.Width * 3) + 3) / 4 * 4;
        byte[] file = new byte[54 + (stride * image.Height)];
        BmpHeader(file, image, topDown, bits: 24, pixelOffset: 54);
        for (int y = 0; y < image.Height; y++)
        {
            int row = 54 + ((topDown ? y : image.Height - 1 - y) * stride);
            for (int x = 0; x < image.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                    file[row + (3 * x) + c] = image[y, x, 2 - c];
            }
        }

        return file;
    }

    /// <summary>A bitmap of 4-bit indices into a palette of red, green, blue and white.</summary>
    public static byte[] BmpPalette(int[,] indices)
    {
        int height = indices.GetLength(0), width = indices.GetLength(1), stride = ((width * 4) + 31) / 32 * 4;
        byte[] file = new byte[54 + 16 + (stride * height)];
        BmpHeader(file, new Image(height, width, 3), topDown: false, bits: 4, pixelOffset: 70);
        file[46] = 4;
        byte[] palette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];
        palette.CopyTo(file, 54);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                file[70 + ((height - 1 - y) * stride) + (x / 2)] |= (byte)(indices[y, x] << (x % 2 == 0 ? 4 : 0));
        }

        return file;
    }

    /// <summary>A PNG of unfiltered rows of any colour type and depth.</summary>
    public static byte[] Png(int height, int width, byte depth, byte colorType, byte[] samples)
    {
        using var output = new MemoryStream();
        output.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, colorType);
        Chunk(output, "IHDR"u8, header);
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            int stride = samples.Length / height;
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(samples.AsSpan(y * stride, stride));
            }
        }

        Chunk(output, "IDAT"u8, compressed.ToArray());
        Chunk(output, "IEND"u8, []);
        return output.ToArray();
    }

    public static byte[] Jpeg(Image image, int quality = 95) =>
        Jpeg(image.Pixels, image.Height, image.Width, format: image.Channels == 1 ? 6 : 0, subsampling: image.Channels == 1 ? 3 : 2, quality);

    /// <summary>A JPEG of one CMYK colour, given as photo programs store it: inverted.</summary>
    public static byte[] JpegCmyk(byte[] inverted, int height, int width) =>
        Jpeg([.. Enumerable.Repeat(inverted, height * width).SelectMany(p => p)], height, width, format: 11, subsampling: 0);

    private static byte[] Jpeg(byte[] pixels, int height, int width, int format, int subsampling, int quality = 95)
    {
        NativeLibraries.Prepare();
        nint handle = InitCompress();
        try
        {
            nint buffer = 0;
            var size = default(CULong);
            Assert.Equal(0, Compress(handle, pixels, width, 0, height, format, ref buffer, ref size, subsampling, quality, 0));
            byte[] file = new byte[(int)size.Value];
            Marshal.Copy(buffer, file, 0, file.Length);
            FreeJpeg(buffer);
            return file;
        }
        finally
        {
            _ = Destroy(handle);
        }
    }

    public static byte[] WebpLossless(Image image)
    {
        NativeLibraries.Prepare();
        nuint size = EncodeLossless(image.Pixels, image.Width, image.Height, image.Width * 3, out nint buffer);
        byte[] file = new byte[(int)size];
        Marshal.Copy(buffer, file, 0, file.Length);
        FreeWebp(buffer);
        return file;
    }

    public static uint Crc32(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }

        return ~crc;
    }

    private static void BmpHeader(byte[] file, Image image, bool topDown, short bits, int pixelOffset)
    {
        file[0] = (byte)'B';
        file[1] = (byte)'M';
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), pixelOffset);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), topDown ? -image.Height : image.Height);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(28), bits);
    }

    private static void Chunk(MemoryStream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] body = [.. type, .. data];
        byte[] word = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        output.Write(word);
        output.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc32(body));
        output.Write(word);
    }

    [LibraryImport("libturbojpeg.so.0", EntryPoint = "tjInitCompress")]
    private static partial nint InitCompress();

    [LibraryImport("libturbojpeg.so.0", EntryPoint = "tjCompress2")]
    private static partial int Compress(
        nint handle, byte[] source, int width, int pitch, int height, int format, ref nint buffer, ref CULong size, int subsampling, int quality, int flags);

    [LibraryImport("libturbojpeg.so.0", EntryPoint = "tjFree")]
    private static partial void FreeJpeg(nint buffer);

    [LibraryImport("libturbojpeg.so.0", EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint handle);

    [LibraryImport("libwebp.so.7", EntryPoint = "WebPEncodeLosslessRGB")]
    private static partial nuint EncodeLossless(byte[] rgb, int width, int height, int stride, out nint output);

    [LibraryImport("libwebp.so.7", EntryPoint = "WebPFree")]
    private static partial void FreeWebp(nint buffer);
}
