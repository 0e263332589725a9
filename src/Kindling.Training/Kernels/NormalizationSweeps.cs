using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Training.Kernels;

/// <summary>
/// Batch normalization's passes over gapless pixels anywhere in memory. Counts are in floats and whole pixels; tables repeat each channel's number to
/// the length of the <see cref="ChannelPattern"/>.
/// </summary>
internal static unsafe class NormalizationSweeps
{
    private const int ElementsOfBlock = 1 << 13;

    /// <summary>Bytes of scratch memory <see cref="Moments"/> and <see cref="GradientSums"/> need.</summary>
    public static int ScratchBytes(ChannelPattern pattern) => 3 * pattern.Length * sizeof(float);

    /// <summary>y = min(max(scale x + shift, min), max).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* x, float* y, int count, BatchNormTable table, int length, float min, float max)
    {
        var scale = table.Scale;
        var shift = table.Shift;
        var (low, high) = (Vector512.Create(min), Vector512.Create(max));
        var i = 0;
        if (length == ChannelPattern.Vector)
        {
            var (a, b) = (Vector512.Load(scale), Vector512.Load(shift));
            for (; i <= count - 16; i += 16)
                Clip(Vector512.FusedMultiplyAdd(Vector512.Load(x + i), a, b), low, high).Store(y + i);
        }
        else
        {
            for (; i <= count - length; i += length)
            {
                for (var v = 0; v < length; v += 16)
                {
                    var value = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + v), Vector512.Load(scale + v), Vector512.Load(shift + v));
                    Clip(value, low, high).Store(y + i + v);
                }
            }
        }

        for (var v = 0; i < count; i++, v++)
            y[i] = MathF.Min(MathF.Max(MathF.FusedMultiplyAdd(x[i], scale[v], shift[v]), min), max);
    }

    /// <summary>dx = a dz + b x + c for each channel, where dz is the gradient that passes the clipping; may work in place of dy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(float* x, float* dy, float* dx, int count, BatchNormTable table, int length, float min, float max)
    {
        var scale = table.Scale;
        var shift = table.Shift;
        var a = table.GradientFactor;
        var b = table.InputFactor;
        var c = table.Summand;
        var (low, high) = (Vector512.Create(min), Vector512.Create(max));
        var i = 0;
        for (; i <= count - length; i += length)
        {
            for (var v = 0; v < length; v += 16)
            {
                var input = Vector512.Load(x + i + v);
                var value = Vector512.FusedMultiplyAdd(input, Vector512.Load(scale + v), Vector512.Load(shift + v));
                var gradient = Vector512.Load(dy + i + v) & Vector512.GreaterThan(value, low) & Vector512.LessThan(value, high);
                var rest = Vector512.FusedMultiplyAdd(input, Vector512.Load(b + v), Vector512.Load(c + v));
                Vector512.FusedMultiplyAdd(gradient, Vector512.Load(a + v), rest).Store(dx + i + v);
            }
        }

        for (var v = 0; i < count; i++, v++)
        {
            var value = MathF.FusedMultiplyAdd(x[i], scale[v], shift[v]);
            var gradient = value > min && value < max ? dy[i] : 0;
            dx[i] = MathF.FusedMultiplyAdd(gradient, a[v], MathF.FusedMultiplyAdd(x[i], b[v], c[v]));
        }
    }

    /// <summary>
    /// The mean of each channel and the sum of squared distances from it, in one pass: distances are first taken from a pixel of the data, which
    /// lies near enough to the mean for floats.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Moments(float* x, int count, ChannelPattern pattern, float* mean, float* squares, float* scratch)
    {
        var (length, channels) = (pattern.Length, pattern.Channels);
        var pivot = scratch;
        var sums = pivot + length;
        var products = sums + length;
        var middle = x + ((nint)(count / channels / 2) * channels);
        for (var i = 0; i < length; i++)
            pivot[i] = middle[i % channels];
        new Span<float>(sums, 2 * length).Clear();
        var block = Math.Max(1, ElementsOfBlock / length) * length;
        var whole = count / length * length;
        for (var first = 0; first < whole; first += block)
        {
            var rows = Math.Min(block, whole - first) / length;
            var v = 0;
            for (; v <= length - 32; v += 32)
                MomentsOfColumns(x + first + v, length, rows, pivot + v, sums + v, products + v);
            if (v < length)
                MomentsOfColumn(x + first + v, length, rows, pivot + v, sums + v, products + v);
        }

        var pixels = count / channels;
        for (var c = 0; c < channels; c++)
        {
            double sum = 0, square = 0;
            for (var i = c; i < length; i += channels)
            {
                sum += sums[i];
                square += products[i];
            }

            for (var i = whole + c; i < count; i += channels)
            {
                var distance = x[i] - pivot[c];
                sum += distance;
                square += distance * distance;
            }

            mean[c] = (float)(pivot[c] + (sum / pixels));
            squares[c] = (float)Math.Max(0, square - (sum * sum / pixels));
        }
    }

    /// <summary>Adds to each channel's sum the gradients that pass the clipping, and to its product those times (x - mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientSums(
        float* x, float* dy, int count, ChannelPattern pattern, BatchNormTable table, float min, float max, float* sum, float* product, float* scratch)
    {
        var (length, channels) = (pattern.Length, pattern.Channels);
        var sums = scratch;
        var products = sums + length;
        new Span<float>(sums, 2 * length).Clear();
        var block = Math.Max(1, ElementsOfBlock / length) * length;
        var whole = count / length * length;
        for (var first = 0; first < whole; first += block)
        {
            var rows = Math.Min(block, whole - first) / length;
            for (var v = 0; v < length; v += 16)
            {
                GradientSumsOfColumn(
                    x + first + v, dy + first + v, length, rows, Vector512.Load(table.Scale + v), Vector512.Load(table.Shift + v),
                    Vector512.Load(table.Mean + v), Vector512.Create(min), Vector512.Create(max), sums + v, products + v);
            }
        }

        for (var c = 0; c < channels; c++)
        {
            for (var i = c; i < length; i += channels)
            {
                sum[c] += sums[i];
                product[c] += products[i];
            }
        }

        for (var i = whole; i < count; i++)
        {
            var c = (i - whole) % channels;
            var value = MathF.FusedMultiplyAdd(x[i], table.Scale[c], table.Shift[c]);
            if (!(value > min && value < max))
                continue;
            sum[c] += dy[i];
            product[c] += dy[i] * (x[i] - table.Mean[c]);
        }
    }

    // The native instructions answer with their second operand when one is NaN: the value comes second.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Clip(Vector512<float> value, Vector512<float> min, Vector512<float> max) =>
        Vector512.MinNative(max, Vector512.MaxNative(min, value));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MomentsOfColumns(float* data, nint step, int rows, float* pivot, float* sums, float* products)
    {
        var (pa, pb) = (Vector512.Load(pivot), Vector512.Load(pivot + 16));
        var (sa, sb) = (Vector512.Load(sums), Vector512.Load(sums + 16));
        var (qa, qb) = (Vector512.Load(products), Vector512.Load(products + 16));
        Vector512<float> sc = default, sd = default, qc = default, qd = default;
        for (; rows >= 2; rows -= 2, data += 2 * step)
        {
            var a = Vector512.Load(data) - pa;
            var b = Vector512.Load(data + 16) - pb;
            var c = Vector512.Load(data + step) - pa;
            var d = Vector512.Load(data + step + 16) - pb;
            sa += a;
            sb += b;
            sc += c;
            sd += d;
            qa = Vector512.FusedMultiplyAdd(a, a, qa);
            qb = Vector512.FusedMultiplyAdd(b, b, qb);
            qc = Vector512.FusedMultiplyAdd(c, c, qc);
            qd = Vector512.FusedMultiplyAdd(d, d, qd);
        }

        if (rows > 0)
        {
            var a = Vector512.Load(data) - pa;
            var b = Vector512.Load(data + 16) - pb;
            sa += a;
            sb += b;
            qa = Vector512.FusedMultiplyAdd(a, a, qa);
            qb = Vector512.FusedMultiplyAdd(b, b, qb);
        }

        (sa + sc).Store(sums);
        (sb + sd).Store(sums + 16);
        (qa + qc).Store(products);
        (qb + qd).Store(products + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MomentsOfColumn(float* data, nint step, int rows, float* pivot, float* sums, float* products)
    {
        var p = Vector512.Load(pivot);
        var sa = Vector512.Load(sums);
        var qa = Vector512.Load(products);
        Vector512<float> sb = default, sc = default, sd = default, qb = default, qc = default, qd = default;
        for (; rows >= 4; rows -= 4, data += 4 * step)
        {
            var a = Vector512.Load(data) - p;
            var b = Vector512.Load(data + step) - p;
            var c = Vector512.Load(data + (2 * step)) - p;
            var d = Vector512.Load(data + (3 * step)) - p;
            sa += a;
            sb += b;
            sc += c;
            sd += d;
            qa = Vector512.FusedMultiplyAdd(a, a, qa);
            qb = Vector512.FusedMultiplyAdd(b, b, qb);
            qc = Vector512.FusedMultiplyAdd(c, c, qc);
            qd = Vector512.FusedMultiplyAdd(d, d, qd);
        }

        for (; rows > 0; rows--, data += step)
        {
            var a = Vector512.Load(data) - p;
            sa += a;
            qa = Vector512.FusedMultiplyAdd(a, a, qa);
        }

        (sa + sb + (sc + sd)).Store(sums);
        (qa + qb + (qc + qd)).Store(products);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientSumsOfColumn(
        float* x, float* dy, nint step, int rows, Vector512<float> scale, Vector512<float> shift, Vector512<float> mean,
        Vector512<float> low, Vector512<float> high, float* sums, float* products)
    {
        var (sumA, productA) = (Vector512.Load(sums), Vector512.Load(products));
        Vector512<float> sumB = default, productB = default;
        for (; rows >= 2; rows -= 2, x += 2 * step, dy += 2 * step)
        {
            var xa = Vector512.Load(x);
            var xb = Vector512.Load(x + step);
            var za = Vector512.FusedMultiplyAdd(xa, scale, shift);
            var zb = Vector512.FusedMultiplyAdd(xb, scale, shift);
            var ga = Vector512.Load(dy) & Vector512.GreaterThan(za, low) & Vector512.LessThan(za, high);
            var gb = Vector512.Load(dy + step) & Vector512.GreaterThan(zb, low) & Vector512.LessThan(zb, high);
            sumA += ga;
            sumB += gb;
            productA = Vector512.FusedMultiplyAdd(ga, xa - mean, productA);
            productB = Vector512.FusedMultiplyAdd(gb, xb - mean, productB);
        }

        if (rows > 0)
        {
            var xa = Vector512.Load(x);
            var za = Vector512.FusedMultiplyAdd(xa, scale, shift);
            var ga = Vector512.Load(dy) & Vector512.GreaterThan(za, low) & Vector512.LessThan(za, high);
            sumA += ga;
            productA = Vector512.FusedMultiplyAdd(ga, xa - mean, productA);
        }

        (sumA + sumB).Store(sums);
        (productA + productB).Store(products);
    }
}
