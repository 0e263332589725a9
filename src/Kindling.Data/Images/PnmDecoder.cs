namespace Kindling.Data.Images;

/// <summary>Binary portable maps: P5 (gray) and P6 (colour), with 8- or 16-bit samples.</summary>
internal static class PnmDecoder
{
    public static Image Decode(ReadOnlySpan<byte> data, string name, int channels)
    {
        int stored = data[1] == (byte)'5' ? 1 : 3;
        int position = 2;
        int width = ReadNumber(data, ref position, name, "width");
        int height = ReadNumber(data, ref position, name, "height");
        int maximum = ReadNumber(data, ref position, name, "maximum value");
        position++;
        ImageLimits.Check(name, "PNM", height, width);
        if (maximum is < 1 or > 65535)
            throw ImageDecoder.Unreadable(name, $"the PNM header's maximum value is {maximum}, allowed are 1 to 65535");
        int sampleBytes = maximum > 255 ? 2 : 1;
        long samples = (long)height * width * stored;
        if (position > data.Length || samples * sampleBytes > data.Length - position)
            throw ImageDecoder.Unreadable(name, $"the PNM is truncated: {width} x {height} pixels need {samples * sampleBytes} bytes, {Math.Max(0, data.Length - position)} follow the header");

        byte[] pixels = new byte[checked((int)samples)];
        ReadOnlySpan<byte> body = data[position..];
        if (maximum == 255)
        {
            body[..pixels.Length].CopyTo(pixels);
        }
        else
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                int value = sampleBytes == 1 ? body[i] : (body[2 * i] << 8) | body[(2 * i) + 1];
                pixels[i] = (byte)(((Math.Min(value, maximum) * 255) + (maximum / 2)) / maximum);
            }
        }

        return ImageDecoder.ToChannels(pixels, height, width, stored, channels);
    }

    /// <summary>Skips blanks and comments (# to the end of the line), then reads a decimal number.</summary>
    private static int ReadNumber(ReadOnlySpan<byte> data, ref int position, string name, string what)
    {
        while (position < data.Length && (data[position] <= ' ' || data[position] == '#'))
        {
            if (data[position] == '#')
            {
                while (position < data.Length && data[position] != '\n')
                    position++;
            }
            else
            {
                position++;
            }
        }

        int start = position;
        long value = 0;
        while (position < data.Length && data[position] is >= (byte)'0' and <= (byte)'9' && value < int.MaxValue)
            value = (value * 10) + data[position++] - '0';
        if (position == start || value > int.MaxValue || position >= data.Length)
            throw ImageDecoder.Unreadable(name, $"the PNM header has no valid {what}");
        return (int)value;
    }
}
