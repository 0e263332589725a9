using System.Buffers.Binary;

namespace Kindling.Data.Images;

/// <summary>Windows bitmaps without compression: 1, 4 and 8 bits with a palette, 24 bits, 32 bits (the fourth byte is dropped).</summary>
internal static class BmpDecoder
{
    private const int FileHeaderSize = 14;
    private const int InfoHeaderSize = 40;
    private const uint Uncompressed = 0;
    private const uint Bitfields = 3;

    public static Image Decode(ReadOnlySpan<byte> data, string name, int channels)
    {
        if (data.Length < FileHeaderSize + InfoHeaderSize)
            throw ImageDecoder.Unreadable(name, "the BMP header is incomplete");
        uint pixelOffset = BinaryPrimitives.ReadUInt32LittleEndian(data[10..]);
        uint headerSize = BinaryPrimitives.ReadUInt32LittleEndian(data[14..]);
        int width = BinaryPrimitives.ReadInt32LittleEndian(data[18..]);
        int signedHeight = BinaryPrimitives.ReadInt32LittleEndian(data[22..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(data[28..]);
        uint compression = BinaryPrimitives.ReadUInt32LittleEndian(data[30..]);
        uint colors = BinaryPrimitives.ReadUInt32LittleEndian(data[46..]);
        if (headerSize is < InfoHeaderSize or > 124)
            throw ImageDecoder.Unreadable(name, $"a BMP header of {headerSize} bytes is not supported");
        long absoluteHeight = Math.Abs((long)signedHeight);
        ImageLimits.Check(name, "BMP", absoluteHeight, width);
        int height = (int)absoluteHeight;
        if (bits is not (1 or 4 or 8 or 24 or 32))
            throw ImageDecoder.Unreadable(name, $"BMP with {bits} bits a pixel is not supported (1, 4, 8, 24 and 32 are)");
        if (compression != Uncompressed && !(compression == Bitfields && bits == 32 && HasUsualMasks(data, headerSize)))
            throw ImageDecoder.Unreadable(name, $"BMP compression {compression} is not supported (only uncompressed is)");

        long stride = (((long)width * bits) + 31) / 32 * 4;
        if (pixelOffset > data.Length || stride * height > data.Length - pixelOffset)
            throw ImageDecoder.Unreadable(name, $"the BMP is truncated: {width} x {height} pixels of {bits} bits need {stride * height} bytes after offset {pixelOffset}, the file has {data.Length}");
        ReadOnlySpan<byte> palette = default;
        if (bits <= 8)
        {
            long entries = colors == 0 ? 1L << bits : colors;
            long paletteStart = FileHeaderSize + headerSize;
            if (entries > 256 || paletteStart + (entries * 4) > data.Length)
                throw ImageDecoder.Unreadable(name, $"the BMP palette of {entries} colours does not fit the file");
            palette = data.Slice((int)paletteStart, (int)entries * 4);
        }

        byte[] rgb = new byte[checked(height * width * 3)];
        for (int y = 0; y < height; y++)
        {
            int fileRow = signedHeight > 0 ? height - 1 - y : y;
            ReadOnlySpan<byte> row = data.Slice((int)(pixelOffset + (fileRow * stride)), (int)stride);
            ReadRow(row, rgb.AsSpan(y * width * 3, width * 3), bits, palette, name);
        }

        return ImageDecoder.ToChannels(rgb, height, width, 3, channels);
    }

    private static void ReadRow(ReadOnlySpan<byte> row, Span<byte> rgb, int bits, ReadOnlySpan<byte> palette, string name)
    {
        int width = rgb.Length / 3;
        for (int x = 0; x < width; x++)
        {
            ReadOnlySpan<byte> bgr;
            if (bits >= 24)
            {
                bgr = row.Slice(x * (bits / 8), 3);
            }
            else
            {
                int bit = x * bits;
                int index = (row[bit / 8] >> (8 - bits - (bit % 8))) & ((1 << bits) - 1);
                if ((index * 4) + 3 > palette.Length)
                    throw ImageDecoder.Unreadable(name, $"a BMP pixel names colour {index} of a palette of {palette.Length / 4}");
                bgr = palette.Slice(index * 4, 3);
            }

            rgb[3 * x] = bgr[2];
            rgb[(3 * x) + 1] = bgr[1];
            rgb[(3 * x) + 2] = bgr[0];
        }
    }

    private static bool HasUsualMasks(ReadOnlySpan<byte> data, uint headerSize)
    {
        // The three masks follow the 40-byte header, or are its next fields when it is longer: the same place.
        return data.Length >= 66 && headerSize >= InfoHeaderSize
            && BinaryPrimitives.ReadUInt32LittleEndian(data[54..]) == 0x00FF0000
            && BinaryPrimitives.ReadUInt32LittleEndian(data[58..]) == 0x0000FF00
            && BinaryPrimitives.ReadUInt32LittleEndian(data[62..]) == 0x000000FF;
    }
}
