using System.Globalization;
using System.Text;

namespace Kindling.Deployment.Generation;

/// <summary>Pieces of C text.</summary>
internal static class CText
{
    private const int ValuesPerLine = 24;
    private const int BytesPerLine = 32;

    /// <summary>A name as a C identifier: lower case, everything else an underscore.</summary>
    public static string Identifier(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
                text.Append(char.ToLowerInvariant(c));
            else if (text.Length > 0 && text[^1] != '_')
                text.Append('_');
        }

        var identifier = text.ToString().Trim('_');
        if (identifier.Length == 0)
            return "model";
        return char.IsAsciiDigit(identifier[0]) ? $"m{identifier}" : identifier;
    }

    /// <summary>Text that cannot end a C comment early.</summary>
    public static string Comment(string text)
    {
        var clean = new string([.. text.Select(c => c is >= ' ' and <= '~' ? c : '?')]);
        return clean.Replace("*/", "* /", StringComparison.Ordinal).Replace("/*", "/ *", StringComparison.Ordinal);
    }

    /// <summary>A C string literal in UTF-8.</summary>
    public static string String(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            // Octal escapes end after three digits, hexadecimal ones do not end; "?" avoids trigraphs.
            if (b is < 0x20 or > 0x7E or (byte)'"' or (byte)'\\' or (byte)'?')
                literal.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0'));
            else
                literal.Append((char)b);
        }

        return literal.Append('"').ToString();
    }

    /// <summary>A float literal that reads back as the same bits.</summary>
    public static string Float(float value)
    {
        var text = value.ToString("G9", CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('E', StringComparison.Ordinal) ? $"{text}f" : $"{text}.0f";
    }

    /// <summary>Appends the braces of an array, broken into lines; a row (a filter, a kernel row) begins on a line of its own.</summary>
    public static void AppendArray(StringBuilder text, ReadOnlySpan<int> values, int rowLength)
    {
        text.Append("{\n");
        for (var i = 0; i < values.Length; i++)
        {
            var column = i % rowLength;
            text.Append(column % ValuesPerLine == 0 ? "    " : " ");
            // -2147483648 is not a constant of type int in C.
            if (values[i] == int.MinValue)
                text.Append("(-2147483647 - 1)");
            else
                text.Append(values[i]);
            text.Append(',');
            if (column == rowLength - 1 || column % ValuesPerLine == ValuesPerLine - 1 || i == values.Length - 1)
                text.Append('\n');
        }

        text.Append('}');
    }

    /// <summary>A name as the end of a constant's.</summary>
    public static string Upper(Enum value) => value.ToString().ToUpperInvariant();

    /// <summary>Appends a static array of bytes.</summary>
    public static void AppendBytes(StringBuilder text, string name, ReadOnlySpan<byte> bytes)
    {
        text.Append($"static const uint8_t {name}[{bytes.Length}] = {{");
        for (var i = 0; i < bytes.Length; i++)
            text.Append(i % BytesPerLine == 0 ? "\n    " : " ").Append(bytes[i]).Append(',');
        text.Append("\n};\n\n");
    }

    /// <summary>The values of bytes read as signed numbers.</summary>
    public static int[] Signed(ReadOnlySpan<byte> bytes)
    {
        var values = new int[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            values[i] = (sbyte)bytes[i];
        return values;
    }
}
