namespace Kindling.Data.Images;

/// <summary>Which source pixels make up each output pixel along one axis, and with what weights.</summary>
/// <param name="Taps">Weights an output pixel has.</param>
/// <param name="Indices">Source positions, [outputs, Taps].</param>
/// <param name="Weights">Their weights, [outputs, Taps]; the sum is 1 for every output.</param>
internal sealed record FilterTaps(int Taps, int[] Indices, float[] Weights)
{
    private const float KeysA = -0.5f;

    /// <summary>One tap: the nearest pixel.</summary>
    public static FilterTaps Nearest(int from, int to) => new(1, NearestResampler.Indices(from, to), [.. Enumerable.Repeat(1f, to)]);

    /// <summary>Half-pixel centres, two taps, edges repeated, no antialiasing.</summary>
    public static FilterTaps Bilinear(int from, int to)
    {
        var result = Create(to, 2);
        float scale = (float)from / to;
        for (int i = 0; i < to; i++)
        {
            float position = ((i + 0.5f) * scale) - 0.5f;
            float floor = MathF.Floor(position);
            float fraction = position - floor;
            result.Set(i, 0, Math.Max((int)floor, 0), 1 - fraction);
            result.Set(i, 1, Math.Min((int)MathF.Ceiling(position), from - 1), fraction);
        }

        return result;
    }

    /// <summary>Keys' cubic (a = -0.5) over four taps; taps outside are left out and the others renormalised.</summary>
    public static FilterTaps Bicubic(int from, int to)
    {
        var result = Create(to, 4);
        float scale = (float)from / to;
        for (int i = 0; i < to; i++)
        {
            float position = ((i + 0.5f) * scale) - 0.5f;
            int floor = (int)MathF.Floor(position);
            float sum = 0;
            for (int t = 0; t < 4; t++)
            {
                int index = floor - 1 + t;
                float weight = (uint)index < (uint)from ? Keys(MathF.Abs(position - index)) : 0;
                sum += weight;
                result.Set(i, t, Math.Clamp(index, 0, from - 1), weight);
            }

            for (int t = 0; t < 4; t++)
                result.Weights[(i * 4) + t] /= sum;
        }

        return result;
    }

    /// <summary>The mean over [i * scale, (i + 1) * scale), partly covered pixels counted by their share.</summary>
    public static FilterTaps Area(int from, int to)
    {
        double scale = (double)from / to;
        var result = Create(to, (int)Math.Ceiling(scale) + 1);
        for (int i = 0; i < to; i++)
        {
            double start = i * scale, end = (i + 1) * scale;
            int first = Math.Min((int)start, from - 1);
            for (int t = 0; t < result.Taps; t++)
            {
                int index = first + t;
                double covered = index < from ? Math.Max(0, Math.Min(end, index + 1) - Math.Max(start, index)) : 0;
                result.Set(i, t, Math.Min(index, from - 1), (float)(covered / scale));
            }
        }

        return result;
    }

    /// <summary>sinc(x) sinc(x / radius).</summary>
    public static FilterTaps Lanczos(int from, int to, int radius) => Windowed(from, to, radius, x =>
    {
        double angle = Math.PI * x;
        return x < 1e-3 ? 1 : radius * Math.Sin(angle) * Math.Sin(angle / radius) / (angle * angle);
    });

    /// <summary>exp(-2 x^2): standard deviation 0.5, cut at 1.5.</summary>
    public static FilterTaps Gaussian(int from, int to) => Windowed(from, to, 1.5, x => Math.Exp(-2 * x * x));

    /// <summary>Mitchell and Netravali's cubic (1988) with B = C = 1/3.</summary>
    public static FilterTaps MitchellCubic(int from, int to) => Windowed(from, to, 2, x => x < 1
        ? ((((7 / 6.0) * x) - 2) * x * x) + (8 / 9.0)
        : (((((-7 / 18.0) * x) + 2) * x) - (10 / 3.0)) * x + (16 / 9.0));

    /// <summary>Half-pixel centres, a kernel of one size whatever the scale (no antialiasing); taps outside are left out and the others renormalised.</summary>
    private static FilterTaps Windowed(int from, int to, double radius, Func<double, double> kernel)
    {
        var result = Create(to, (int)Math.Ceiling(2 * radius));
        double scale = (double)from / to;
        for (int i = 0; i < to; i++)
        {
            double position = ((i + 0.5) * scale) - 0.5;
            int first = (int)Math.Ceiling(position - radius);
            double sum = 0;
            for (int t = 0; t < result.Taps; t++)
                sum += Weight(first + t);
            for (int t = 0; t < result.Taps; t++)
                result.Set(i, t, Math.Clamp(first + t, 0, from - 1), (float)(Weight(first + t) / sum));

            double Weight(int index)
            {
                double distance = Math.Abs(position - index);
                return (uint)index < (uint)from && distance < radius ? kernel(distance) : 0;
            }
        }

        return result;
    }

    private static FilterTaps Create(int outputs, int taps) => new(taps, new int[outputs * taps], new float[outputs * taps]);

    private static float Keys(float x) => x switch
    {
        <= 1 => ((((KeysA + 2) * x) - (KeysA + 3)) * x * x) + 1,
        < 2 => (((((KeysA * x) - (5 * KeysA)) * x) + (8 * KeysA)) * x) - (4 * KeysA),
        _ => 0,
    };

    private void Set(int output, int tap, int index, float weight)
    {
        Indices[(output * Taps) + tap] = index;
        Weights[(output * Taps) + tap] = weight;
    }
}
