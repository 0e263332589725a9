using System.Text;

namespace Kindling.Cli.Configuration;

/// <summary>Writes a configuration as YAML.</summary>
internal static class YamlText
{
    /// <summary>The document.</summary>
    public static string Write(ConfigMap map)
    {
        var text = new StringBuilder();
        Write(text, map, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, ConfigMap map, int depth)
    {
        foreach (var entry in map.Entries)
        {
            text.Append(' ', depth * 2).Append(Scalar(entry.Key, false)).Append(':');
            switch (entry.Value)
            {
                case ConfigMap { Entries.Count: > 0 } inner:
                    text.Append('\n');
                    Write(text, inner, depth + 1);
                    break;
                default:
                    text.Append(' ').Append(Inline(entry.Value)).Append('\n');
                    break;
            }
        }
    }

    private static string Inline(ConfigNode node) => node switch
    {
        ConfigScalar { IsNull: true } => "null",
        ConfigScalar scalar => Scalar(scalar.Text, scalar.IsQuoted),
        ConfigList list => $"[{string.Join(", ", list.Items.Select(Inline))}]",
        ConfigMap map => $"{{{string.Join(", ", map.Entries.Select(e => $"{Scalar(e.Key, false)}: {Inline(e.Value)}"))}}}",
        _ => "null",
    };

    private static string Scalar(string text, bool isQuoted)
    {
        var isPlain = !isQuoted && text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '+' or '(' or ')' or ' ' or '\\' or '$')
            && text[0] is not ('-' or '+') | (text.Length > 1 && char.IsAsciiDigit(text[1]));
        return isPlain ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
