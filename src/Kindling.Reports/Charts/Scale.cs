using System.Globalization;

namespace Kindling.Reports.Charts;

/// <summary>Maps values to pixels, with ticks at round numbers.</summary>
internal sealed class Scale
{
    private Scale(double low, double high, double from, double to, IReadOnlyList<double> ticks)
    {
        Low = low;
        High = high;
        From = from;
        To = to;
        Ticks = ticks;
    }

    public double Low { get; }

    public double High { get; }

    public double From { get; }

    public double To { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>A scale that ends at ticks.</summary>
    public static Scale Rounded(double low, double high, double from, double to, int wanted = 5)
    {
        if (!(high > low))
            high = low + Math.Max(1e-9, Math.Abs(low) * 0.1);
        var step = Step((high - low) / wanted);
        var first = Math.Floor((low / step) + 1e-9);
        var last = Math.Ceiling((high / step) - 1e-9);
        var ticks = Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step).ToList();
        return new Scale(ticks[0], ticks[^1], from, to, ticks);
    }

    /// <summary>A scale that ends exactly at its bounds; the ticks lie within.</summary>
    public static Scale Exact(double low, double high, double from, double to, int wanted = 6, double leastStep = 0)
    {
        if (!(high > low))
            high = low + 1;
        var step = Math.Max(leastStep, Step((high - low) / wanted));
        var first = Math.Ceiling((low / step) - 1e-9);
        var ticks = new List<double>();
        for (var i = first; i * step <= high + (step * 1e-9); i++)
            ticks.Add(i * step);
        return new Scale(low, high, from, to, ticks);
    }

    public double Map(double value) => From + ((value - Low) / (High - Low) * (To - From));

    /// <summary>A tick's label.</summary>
    public string Label(double tick)
    {
        var step = Ticks.Count > 1 ? Ticks[1] - Ticks[0] : 1;
        if (Math.Abs(tick) < step * 1e-6)
            return "0";
        if (step < 1e-3)
            return tick.ToString("0.#e0", CultureInfo.InvariantCulture);
        var decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(step) - 1e-9));
        return Math.Round(tick, decimals + 1).ToString(decimals == 0 ? "0.##" : $"F{decimals}", CultureInfo.InvariantCulture);
    }

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var mantissa = rough / power;
        return power * (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10);
    }
}
