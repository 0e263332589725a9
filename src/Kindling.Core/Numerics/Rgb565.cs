namespace Kindling.Numerics;

/// <summary>
/// The 16-bit pixels of cameras and displays: 5 bits of red, 6 of green, 5 of blue from the top. The missing lower bits are the upper ones again, so that black stays 0
/// and white becomes 255, as STM32's DMA2D does it and the generated C too.
/// </summary>
public static class Rgb565
{
    /// <summary>A colour's pixel: the upper bits of each channel.</summary>
    public static ushort Pack(byte red, byte green, byte blue) => (ushort)(((red & 0xF8) << 8) | ((green & 0xFC) << 3) | (blue >> 3));

    /// <summary>A pixel's colour, each channel from 0 to 255.</summary>
    public static (byte Red, byte Green, byte Blue) Unpack(ushort pixel)
    {
        var (red, green, blue) = (pixel >> 11, (pixel >> 5) & 0x3F, pixel & 0x1F);
        return ((byte)((red << 3) | (red >> 2)), (byte)((green << 2) | (green >> 4)), (byte)((blue << 3) | (blue >> 2)));
    }
}
