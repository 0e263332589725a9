using System.Numerics;
using Kindling.Data.Images;
using Kindling.Numerics;

namespace Kindling.Data;

/// <summary>Paints one synthetic image: ground, clutter behind, the shape, thin clutter before it, noise.</summary>
internal sealed class ShapePainter(int size, RandomStream random)
{
    private const float LeastContrast = 0.6f;
    private const float LeastLumaContrast = 0.18f;

    /// <summary>Beyond this no shape in the unit circle colours a pixel, its smooth edge included.</summary>
    private const float ReachSquared = 1.5f;
    private static readonly Vector3 Luma = new(0.299f, 0.587f, 0.114f);
    private readonly Vector3[] _canvas = new Vector3[size * size];
    private RandomStream _random = random;

    public Image Paint(Shape shape)
    {
        Vector3 ground = RandomColor();
        PaintGround(ground);
        int clutter = _random.NextInt32(7);
        for (int i = 0; i < clutter; i++)
            PaintClutter(0.015f, 0.05f);
        PaintShape(shape, ground);
        int lines = _random.NextInt32(3);
        for (int i = 0; i < lines; i++)
            PaintLine(RandomColor(), 0.004f, 0.01f);
        return AddNoise(_random.NextSingle(0.005f, 0.06f));
    }

    private Vector3 RandomColor() => new(_random.NextSingle(), _random.NextSingle(), _random.NextSingle());

    /// <summary>A colour whose difference to the ground can be seen, in gray too.</summary>
    private Vector3 ContrastingColor(Vector3 ground)
    {
        while (true)
        {
            Vector3 color = RandomColor();
            if (Vector3.Distance(color, ground) >= LeastContrast && MathF.Abs(Vector3.Dot(color - ground, Luma)) >= LeastLumaContrast)
                return color;
        }
    }

    /// <summary>A gradient towards a similar colour, with stripes, checks, blotches or nothing over it.</summary>
    private void PaintGround(Vector3 ground)
    {
        Vector3 other = Vector3.Clamp(ground + (0.5f * (RandomColor() - new Vector3(0.5f))), Vector3.Zero, Vector3.One);
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * _random.NextSingle());
        int pattern = _random.NextInt32(4);
        float frequency = 2 * MathF.PI * _random.NextSingle(2, 9), phase = _random.NextSingle(0, 6), strength = _random.NextSingle(0.03f, 0.13f);
        float[] blotches = new float[64];
        for (int i = 0; i < blotches.Length; i++)
            blotches[i] = _random.NextSingle(-1, 1);
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                float u = ((x + 0.5f) / size) - 0.5f, v = ((y + 0.5f) / size) - 0.5f;
                float along = (u * cos) + (v * sin), across = (v * cos) - (u * sin);
                float wave = pattern switch
                {
                    1 => MathF.Sin((along * frequency) + phase),
                    2 => MathF.Sin((along * frequency) + phase) * MathF.Sin((across * frequency) + phase),
                    3 => Blotch(blotches, u + 0.5f, v + 0.5f),
                    _ => 0,
                };
                _canvas[(y * size) + x] = Vector3.Lerp(ground, other, Math.Clamp(along + 0.5f, 0, 1)) + new Vector3(strength * wave);
            }
        }
    }

    /// <summary>Smooth noise from a grid of 8 x 8 values.</summary>
    private static float Blotch(float[] grid, float u, float v)
    {
        const int Side = 8;
        float x = u * (Side - 1), y = v * (Side - 1);
        int x0 = Math.Clamp((int)x, 0, Side - 2), y0 = Math.Clamp((int)y, 0, Side - 2);
        float fx = Smooth(x - x0), fy = Smooth(y - y0);
        float top = grid[(y0 * Side) + x0] + ((grid[(y0 * Side) + x0 + 1] - grid[(y0 * Side) + x0]) * fx);
        float low = grid[((y0 + 1) * Side) + x0] + ((grid[((y0 + 1) * Side) + x0 + 1] - grid[((y0 + 1) * Side) + x0]) * fx);
        return top + ((low - top) * fy);
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));

    private void PaintShape(Shape shape, Vector3 ground)
    {
        Vector3 color = ContrastingColor(ground), shade = Vector3.Clamp(color + (0.25f * (RandomColor() - new Vector3(0.5f))), Vector3.Zero, Vector3.One);
        float radius = _random.NextSingle(0.27f, 0.44f) * size;
        float stretch = _random.NextSingle(0.88f, 1.12f);
        float margin = radius * Math.Max(stretch, 1 / stretch) * 0.95f;
        float centreX = _random.NextSingle(margin, size - margin), centreY = _random.NextSingle(margin, size - margin);
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * _random.NextSingle());
        float scaleX = 1 / (radius * stretch), scaleY = stretch / radius;
        int reach = (int)(radius * 1.2f) + 2;
        int top = Math.Max(0, (int)centreY - reach), bottom = Math.Min(size, (int)centreY + reach + 1);
        int left = Math.Max(0, (int)centreX - reach), right = Math.Min(size, (int)centreX + reach + 1);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                float dx = x + 0.5f - centreX, dy = y + 0.5f - centreY;
                float u = ((dx * cos) + (dy * sin)) * scaleX, v = ((dy * cos) - (dx * sin)) * scaleY;
                if ((u * u) + (v * v) > ReachSquared)
                    continue;
                float coverage = Math.Clamp(0.5f - (shape.Distance(u, v) * radius), 0, 1);
                if (coverage > 0)
                    Blend(x, y, Vector3.Lerp(color, shade, Math.Clamp((u + 1) / 2, 0, 1)), coverage);
            }
        }
    }

    private void PaintClutter(float least, float most)
    {
        Vector3 color = RandomColor();
        if (_random.Chance(0.5f))
        {
            PaintLine(color, least / 3, most / 4);
            return;
        }

        float radius = _random.NextSingle(least, most) * size, x = _random.NextSingle(0, size), y = _random.NextSingle(0, size);
        PaintCapsule(new Vector2(x, y), new Vector2(x, y), radius, color);
    }

    private void PaintLine(Vector3 color, float least, float most)
    {
        var from = new Vector2(_random.NextSingle(0, size), _random.NextSingle(0, size));
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * _random.NextSingle());
        float length = _random.NextSingle(0.1f, 0.5f) * size;
        PaintCapsule(from, from + (new Vector2(cos, sin) * length), _random.NextSingle(least, most) * size, color);
    }

    /// <summary>A thick line with round ends; a disc when both ends are one point.</summary>
    private void PaintCapsule(Vector2 from, Vector2 to, float radius, Vector3 color)
    {
        Vector2 edge = to - from;
        float squared = Math.Max(edge.LengthSquared(), 1e-6f);
        int top = Math.Max(0, (int)(Math.Min(from.Y, to.Y) - radius - 1)), bottom = Math.Min(size, (int)(Math.Max(from.Y, to.Y) + radius + 2));
        int left = Math.Max(0, (int)(Math.Min(from.X, to.X) - radius - 1)), right = Math.Min(size, (int)(Math.Max(from.X, to.X) + radius + 2));
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                Vector2 p = new Vector2(x + 0.5f, y + 0.5f) - from;
                float along = Math.Clamp(Vector2.Dot(p, edge) / squared, 0, 1);
                float coverage = Math.Clamp(0.5f + radius - (p - (edge * along)).Length(), 0, 1);
                if (coverage > 0)
                    Blend(x, y, color, coverage);
            }
        }
    }

    private void Blend(int x, int y, Vector3 color, float coverage)
    {
        ref Vector3 pixel = ref _canvas[(y * size) + x];
        pixel = Vector3.Lerp(pixel, color, coverage);
    }

    private Image AddNoise(float deviation)
    {
        var image = new Image(size, size, 3);
        for (int i = 0; i < _canvas.Length; i++)
        {
            var noise = new Vector3(_random.NextGaussian(), _random.NextGaussian(), _random.NextGaussian());
            Vector3 value = 255 * (_canvas[i] + (deviation * noise));
            for (int channel = 0; channel < 3; channel++)
                image.Pixels[(3 * i) + channel] = (byte)Math.Clamp(MathF.Round(value[channel]), 0, 255);
        }

        return image;
    }
}
