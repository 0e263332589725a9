namespace Kindling.Data.Images;

/// <summary>Which source pixels make up each output pixel along one axis, and with what weights.</summary>
/// <param name="Taps">Weights an output pixel has.</param>
/// <param name="Indices">Source positions, [outputs, Taps].</param>
/// <param name="Weights">Their weights, [outputs, Taps]; the sum is 1 for every output.</param>
internal sealed record FilterTaps(int Taps, int[] Indices, float[] Weights)
{
    private const float KeysA = -0.5f;

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
