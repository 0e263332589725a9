namespace Kindling.Data.Images;

/// <summary>Small letters, digits and signs of 5 x 7 pixels, enough to label a picture. Capitals are drawn as small letters, unknown signs as spaces.</summary>
internal static class BitmapFont
{
    /// <summary>Pixels from one line to the next.</summary>
    public const int LineHeight = 10;

    private const int GlyphWidth = 5;
    private const int GlyphHeight = 7;
    private const int Advance = 6;

    /// <summary>Rows from the top, each of five pixels from the left, the highest bit first.</summary>
    private static readonly Dictionary<char, long> Glyphs = new()
    {
        ['a'] = 0x000E0BE2F,
        ['b'] = 0x421E8C63E,
        ['c'] = 0x000F8420F,
        ['d'] = 0x042F8C62F,
        ['e'] = 0x000E8FE0F,
        ['f'] = 0x191E42108,
        ['g'] = 0x01F18BC2E,
        ['h'] = 0x421E8C631,
        ['i'] = 0x100C2108E,
        ['j'] = 0x080610A4C,
        ['k'] = 0x4212A6292,
        ['l'] = 0x30842108E,
        ['m'] = 0x001AAD6B5,
        ['n'] = 0x001E8C631,
        ['o'] = 0x000E8C62E,
        ['p'] = 0x03D18FA10,
        ['q'] = 0x01F18BC21,
        ['r'] = 0x0016CC210,
        ['s'] = 0x000F8383E,
        ['t'] = 0x211E42106,
        ['u'] = 0x00118C62F,
        ['v'] = 0x00118C544,
        ['w'] = 0x0015AD6AA,
        ['x'] = 0x001151151,
        ['y'] = 0x02318BC2E,
        ['z'] = 0x001F1111F,
        ['0'] = 0x3A33AE62E,
        ['1'] = 0x11842108E,
        ['2'] = 0x3A211111F,
        ['3'] = 0x3A213062E,
        ['4'] = 0x08CA97C42,
        ['5'] = 0x7E1E0862E,
        ['6'] = 0x1910F462E,
        ['7'] = 0x7C2222108,
        ['8'] = 0x3A317462E,
        ['9'] = 0x3A317844C,
        ['_'] = 0x00000001F,
        ['.'] = 0x00000018C,
        [','] = 0x000003088,
        ['('] = 0x088842082,
        [')'] = 0x208210888,
        ['='] = 0x001F07C00,
        ['-'] = 0x0000F8000,
        ['+'] = 0x0084F9080,
        ['%'] = 0x672222273,
        [':'] = 0x018C03180,
        ['/'] = 0x042222210,
        ['['] = 0x39084210E,
        [']'] = 0x38421084E,
    };

    /// <summary>Letters that fit a width.</summary>
    public static int Fits(int width) => width / Advance;

    /// <summary>Draws black text; what does not fit the image is cut off.</summary>
    /// <param name="image">Three channels.</param>
    /// <param name="top">First row of the letters.</param>
    /// <param name="left">First column.</param>
    /// <param name="text">One line.</param>
    public static void Draw(Image image, int top, int left, string text)
    {
        foreach (char c in text)
        {
            long bits = Glyphs.GetValueOrDefault(char.ToLowerInvariant(c));
            for (int n = 0; n < GlyphWidth * GlyphHeight; n++)
            {
                (int y, int x) = (top + (n / GlyphWidth), left + (n % GlyphWidth));
                if ((bits >> ((GlyphWidth * GlyphHeight) - 1 - n) & 1) != 0 && y < image.Height && x < image.Width)
                    image.Pixels.AsSpan(((y * image.Width) + x) * 3, 3).Clear();
            }

            left += Advance;
        }
    }
}
