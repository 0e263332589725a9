namespace Kindling.Data;

/// <summary>The ten classes, sorted by name; each can be told from the others in every rotation.</summary>
internal static class Shapes
{
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("arrow", Polygon([(-0.95f, -0.22f), (0.1f, -0.22f), (0.1f, -0.65f), (0.98f, 0), (0.1f, 0.65f), (0.1f, 0.22f), (-0.95f, 0.22f)])),
        new("circle", (x, y) => Length(x, y) - 0.9f),
        new("crescent", (x, y) => Math.Max(Length(x, y) - 0.95f, 0.78f - Length(x - 0.45f, y))),
        new("cross", Polygon(Cross(0.95f, 0.28f))),
        new("heart", Polygon(Heart())),
        new("hexagon", Polygon(Regular(6, 0.97f, 0.97f))),
        new("ring", (x, y) => Math.Abs(Length(x, y) - 0.72f) - 0.2f),
        new("square", Polygon(Regular(4, 1f, 1f))),
        new("star", Polygon(Regular(10, 1f, 0.42f))),
        new("triangle", Polygon(Regular(3, 1f, 1f))),
    ];

    private static float Length(float x, float y) => MathF.Sqrt((x * x) + (y * y));

    /// <summary>Corners on a circle, every second one at the inner radius.</summary>
    private static (float X, float Y)[] Regular(int corners, float outer, float inner)
    {
        var points = new (float, float)[corners];
        for (int i = 0; i < corners; i++)
        {
            (float sin, float cos) = MathF.SinCos(2 * MathF.PI * i / corners);
            float radius = i % 2 == 0 ? outer : inner;
            points[i] = (radius * cos, radius * sin);
        }

        return points;
    }

    private static (float X, float Y)[] Cross(float length, float half) =>
    [
        (half, half), (length, half), (length, -half), (half, -half), (half, -length), (-half, -length),
        (-half, -half), (-length, -half), (-length, half), (-half, half), (-half, length), (half, length),
    ];

    /// <summary>The classic curve x = 16 sin^3 t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, scaled into the unit circle.</summary>
    private static (float X, float Y)[] Heart()
    {
        const int Corners = 28;
        var points = new (float, float)[Corners];
        for (int i = 0; i < Corners; i++)
        {
            float t = 2 * MathF.PI * i / Corners, sin = MathF.Sin(t);
            float x = 16 * sin * sin * sin;
            float y = (13 * MathF.Cos(t)) - (5 * MathF.Cos(2 * t)) - (2 * MathF.Cos(3 * t)) - MathF.Cos(4 * t);
            points[i] = (x / 17.5f, (y + 2.5f) / 17.5f);
        }

        return points;
    }

    /// <summary>Exact signed distance to a closed polygon: nearest edge, sign by crossings.</summary>
    private static Func<float, float, float> Polygon((float X, float Y)[] points) => (x, y) =>
    {
        float nearest = float.MaxValue;
        bool inside = false;
        for (int i = 0, j = points.Length - 1; i < points.Length; j = i++)
        {
            (float ax, float ay) = points[i];
            (float bx, float by) = points[j];
            float ex = bx - ax, ey = by - ay, px = x - ax, py = y - ay;
            float along = Math.Clamp(((px * ex) + (py * ey)) / ((ex * ex) + (ey * ey)), 0, 1);
            float dx = px - (ex * along), dy = py - (ey * along);
            nearest = Math.Min(nearest, (dx * dx) + (dy * dy));
            if (ay > y != by > y && x < (ex * (y - ay) / ey) + ax)
                inside = !inside;
        }

        float distance = MathF.Sqrt(nearest);
        return inside ? -distance : distance;
    };
}
