using System.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Hue, saturation and value of colours from 0 to 1 (Smith 1978), many at a time.</summary>
internal static class HsvColor
{
    /// <summary>Less than this between the channels is rounding, not colour.</summary>
    private const float GrayChroma = 1e-5f;

    /// <summary>Replaces red, green and blue by hue (a share of the full circle, 0 for red), saturation and value, all from 0 to 1.</summary>
    public static void FromRgb(ColorPlanes planes) => Convert(planes, static (ref Vector<float> r, ref Vector<float> g, ref Vector<float> b, Vector<float> _, Vector<float> _, Vector<float> _) =>
    {
        (Vector<float> hue, Vector<float> saturation, Vector<float> value) = FromRgb(r, g, b);
        (r, g, b) = (hue * new Vector<float>(1 / 6f), saturation, value);
    }, 0, 0, 0);

    /// <summary>Turns the hue, adds to saturation and value, both clipped to 0 to 1. Gray has no hue and stays gray.</summary>
    public static void Shift(ColorPlanes planes, float hue, float saturation, float value) =>
        Convert(planes, static (ref Vector<float> r, ref Vector<float> g, ref Vector<float> b, Vector<float> dh, Vector<float> ds, Vector<float> dv) =>
        {
            (Vector<float> h, Vector<float> s, Vector<float> v) = FromRgb(r, g, b);
            h += dh;
            s = Vector.ConditionalSelect(
                Vector.Equals(s, Vector<float>.Zero), s, Vector.Min(Vector.Max(s + ds, Vector<float>.Zero), Vector<float>.One));
            v = Vector.Min(Vector.Max(v + dv, Vector<float>.Zero), Vector<float>.One);
            (r, g, b) = (Channel(5, h, s, v), Channel(3, h, s, v), Channel(1, h, s, v));
        }, hue * 6, saturation, value);

    /// <summary>Hue from 0 to 6, saturation and value from 0 to 1; gray has hue 0, black saturation 0.</summary>
    private static (Vector<float> Hue, Vector<float> Saturation, Vector<float> Value) FromRgb(Vector<float> r, Vector<float> g, Vector<float> b)
    {
        Vector<float> value = Vector.Max(r, Vector.Max(g, b)), chroma = value - Vector.Min(r, Vector.Min(g, b));
        Vector<int> isGray = Vector.LessThan(chroma, new Vector<float>(GrayChroma));
        Vector<float> divisor = Vector.ConditionalSelect(isGray, Vector<float>.One, chroma);
        Vector<float> hue = Vector.ConditionalSelect(
            Vector.Equals(value, r),
            Wrap((g - b) / divisor),
            Vector.ConditionalSelect(Vector.Equals(value, g), ((b - r) / divisor) + new Vector<float>(2), ((r - g) / divisor) + new Vector<float>(4)));
        // A red with a trace of blue from rounding is red: hue 0, not 1.
        hue = Vector.ConditionalSelect(isGray | Vector.GreaterThan(hue, new Vector<float>(6 - GrayChroma)), Vector<float>.Zero, hue);
        Vector<float> saturation = Vector.ConditionalSelect(isGray, Vector<float>.Zero, chroma / Vector.Max(value, new Vector<float>(GrayChroma)));
        return (hue, saturation, value);
    }

    /// <summary>One channel of a hue: n is 5 for red, 3 for green, 1 for blue.</summary>
    private static Vector<float> Channel(float n, Vector<float> hue, Vector<float> saturation, Vector<float> value)
    {
        Vector<float> k = Wrap(hue + new Vector<float>(n));
        Vector<float> share = Vector.Max(Vector<float>.Zero, Vector.Min(Vector.Min(k, new Vector<float>(4) - k), Vector<float>.One));
        return value - (value * saturation * share);
    }

    /// <summary>The number modulo 6.</summary>
    private static Vector<float> Wrap(Vector<float> x) => x - (new Vector<float>(6) * Vector.Floor(x * new Vector<float>(1 / 6f)));

    private delegate void Conversion(ref Vector<float> r, ref Vector<float> g, ref Vector<float> b, Vector<float> x, Vector<float> y, Vector<float> z);

    private static void Convert(ColorPlanes planes, Conversion conversion, float x, float y, float z)
    {
        Span<float> red = planes.Red, green = planes.Green, blue = planes.Blue;
        var (vx, vy, vz) = (new Vector<float>(x), new Vector<float>(y), new Vector<float>(z));
        int width = Vector<float>.Count, i = 0;
        for (; i <= red.Length - width; i += width)
        {
            var (r, g, b) = (new Vector<float>(red[i..]), new Vector<float>(green[i..]), new Vector<float>(blue[i..]));
            conversion(ref r, ref g, ref b, vx, vy, vz);
            r.CopyTo(red[i..]);
            g.CopyTo(green[i..]);
            b.CopyTo(blue[i..]);
        }

        for (; i < red.Length; i++)
        {
            var (r, g, b) = (new Vector<float>(red[i]), new Vector<float>(green[i]), new Vector<float>(blue[i]));
            conversion(ref r, ref g, ref b, vx, vy, vz);
            (red[i], green[i], blue[i]) = (r[0], g[0], b[0]);
        }
    }
}
