using System.Globalization;

namespace Kindling.Cli.Configuration;

/// <summary>
/// The values that configurations write as small sums: <c>1/127.5</c>, <c>-1</c>, <c>(128, 128, 3)</c>. Numbers, the four operations and
/// parentheses; a list of values in parentheses is a tuple. Nothing is ever evaluated beyond that.
/// </summary>
internal sealed class ValueExpression
{
    private const int DeepestNesting = 32;
    private readonly string _text;
    private int _position;
    private int _depth;

    private ValueExpression(string text) => _text = text;

    /// <summary>Reads a number.</summary>
    public static bool TryNumber(string text, out double value)
    {
        var parser = new ValueExpression(text);
        return parser.Sum(out value) && parser.AtEnd() && double.IsFinite(value);
    }

    /// <summary>Reads a tuple of numbers; a trailing comma is allowed, as in Python.</summary>
    public static bool TryTuple(string text, out IReadOnlyList<double> values)
    {
        var parser = new ValueExpression(text);
        var list = new List<double>();
        values = list;
        if (!parser.Take('(') && !parser.Take('['))
            return false;
        var close = text.TrimStart()[0] == '(' ? ')' : ']';
        while (!parser.Take(close))
        {
            if (!parser.Sum(out var value) || !double.IsFinite(value))
                return false;
            list.Add(value);
            if (!parser.Take(','))
                return parser.Take(close) && parser.AtEnd();
        }

        return parser.AtEnd();
    }

    private bool Sum(out double value)
    {
        if (!Product(out value))
            return false;
        while (true)
        {
            var isPlus = Take('+');
            if (!isPlus && !Take('-'))
                return true;
            if (!Product(out var term))
                return false;
            value = isPlus ? value + term : value - term;
        }
    }

    private bool Product(out double value)
    {
        if (!Factor(out value))
            return false;
        while (true)
        {
            var isTimes = Take('*');
            if (!isTimes && !Take('/'))
                return true;
            if (!Factor(out var factor))
                return false;
            value = isTimes ? value * factor : value / factor;
        }
    }

    private bool Factor(out double value)
    {
        value = 0;
        if (++_depth > DeepestNesting)
            return false;
        bool isRead;
        if (Take('-'))
        {
            isRead = Factor(out value);
            value = -value;
        }
        else
        {
            isRead = Take('+') ? Factor(out value) : Take('(') ? Sum(out value) && Take(')') : Number(out value);
        }

        _depth--;
        return isRead;
    }

    private bool Number(out double value)
    {
        SkipSpaces();
        var start = _position;
        while (_position < _text.Length && (char.IsAsciiDigit(_text[_position]) || _text[_position] is '.' or '_'
            || (_text[_position] is 'e' or 'E' && _position > start)
            || (_text[_position] is '+' or '-' && _position > start && _text[_position - 1] is 'e' or 'E')))
            _position++;
        return double.TryParse(
            _text.AsSpan(start, _position - start).ToString().Replace("_", "", StringComparison.Ordinal),
            NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private bool Take(char c)
    {
        SkipSpaces();
        if (_position >= _text.Length || _text[_position] != c)
            return false;
        _position++;
        return true;
    }

    private bool AtEnd()
    {
        SkipSpaces();
        return _position == _text.Length;
    }

    private void SkipSpaces()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
            _position++;
    }
}
