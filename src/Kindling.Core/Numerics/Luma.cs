namespace Kindling.Numerics;

/// <summary>Gray from colour.</summary>
public static class Luma
{
    /// <summary>ITU-R BT.601 luma in integers (0.299, 0.587 and 0.114 in sixteen bits), rounded, from 0 to 255.</summary>
    public static byte Of(byte red, byte green, byte blue) => (byte)(((red * 19595) + (green * 38470) + (blue * 7471) + 32768) >> 16);
}
