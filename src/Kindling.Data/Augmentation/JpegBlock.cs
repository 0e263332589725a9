using System.Runtime.Intrinsics;

namespace Kindling.Data.Augmentation;

/// <summary>One 8 x 8 block through cosine transform, quantization and back.</summary>
internal static class JpegBlock
{
    /// <summary>Pixels a side.</summary>
    public const int Side = 8;

    /// <summary>ITU-T T.81, table K.1.</summary>
    private static readonly byte[] LumaBase =
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    /// <summary>ITU-T T.81, table K.2.</summary>
    private static readonly byte[] ChromaBase =
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ];

    private static readonly float[][] LumaTables = [.. Enumerable.Range(0, 101).Select(q => Scale(LumaBase, q))];
    private static readonly float[][] ChromaTables = [.. Enumerable.Range(0, 101).Select(q => Scale(ChromaBase, q))];
    private static readonly float[] Cosines = BuildCosines();

    /// <summary>The quantization steps of luma at a quality from 0 to 100, [8, 8].</summary>
    public static ReadOnlySpan<float> Luma(int quality) => LumaTables[quality];

    /// <summary>The quantization steps of colour.</summary>
    public static ReadOnlySpan<float> Chroma(int quality) => ChromaTables[quality];

    /// <summary>Replaces the block at the start of <paramref name="plane"/> (rows <paramref name="stride"/> apart, values from 0 to 255) by what is left of it, as whole numbers.</summary>
    public static void RoundTrip(Span<float> plane, int stride, ReadOnlySpan<float> table)
    {
        Span<float> block = stackalloc float[64];
        Span<float> temporary = stackalloc float[64];
        for (int y = 0; y < Side; y++)
            (Vector256.Create<float>(plane.Slice(y * stride, Side)) - Vector256.Create(128f)).CopyTo(block[(y * Side)..]);
        MultiplyLeft(Cosines, block, temporary, isTransposed: false);
        MultiplyRight(temporary, Cosines, block, isTransposed: true);
        for (int y = 0; y < 64; y += Side)
        {
            Vector256<float> steps = Vector256.Create(table[y..]);
            (Vector256.Round(Vector256.Create<float>(block[y..]) / steps) * steps).CopyTo(block[y..]);
        }

        MultiplyLeft(Cosines, block, temporary, isTransposed: true);
        MultiplyRight(temporary, Cosines, block, isTransposed: false);
        for (int y = 0; y < Side; y++)
        {
            Vector256<float> row = Vector256.Round(Vector256.Create<float>(block[(y * Side)..]) + Vector256.Create(128f));
            Vector256.Min(Vector256.Max(row, Vector256<float>.Zero), Vector256.Create(255f)).CopyTo(plane.Slice(y * stride, Side));
        }
    }

    /// <summary>result = matrix * block, or with the matrix transposed.</summary>
    private static void MultiplyLeft(ReadOnlySpan<float> matrix, ReadOnlySpan<float> block, Span<float> result, bool isTransposed)
    {
        for (int i = 0; i < Side; i++)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (int k = 0; k < Side; k++)
                sum += Vector256.Create(isTransposed ? matrix[(k * Side) + i] : matrix[(i * Side) + k]) * Vector256.Create(block[(k * Side)..]);
            sum.CopyTo(result[(i * Side)..]);
        }
    }

    /// <summary>result = block * matrix, or with the matrix transposed.</summary>
    private static void MultiplyRight(ReadOnlySpan<float> block, ReadOnlySpan<float> matrix, Span<float> result, bool isTransposed)
    {
        Span<float> rows = stackalloc float[64];
        for (int i = 0; i < 64; i++)
            rows[i] = isTransposed ? matrix[(i % Side * Side) + (i / Side)] : matrix[i];
        for (int i = 0; i < Side; i++)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (int k = 0; k < Side; k++)
                sum += Vector256.Create(block[(i * Side) + k]) * Vector256.Create<float>(rows[(k * Side)..]);
            sum.CopyTo(result[(i * Side)..]);
        }
    }

    /// <summary>The Independent JPEG Group's scale: 50 is the table itself.</summary>
    private static float[] Scale(byte[] table, int quality)
    {
        int q = Math.Max(quality, 1), percent = q < 50 ? 5000 / q : 200 - (2 * q);
        return [.. table.Select(step => (float)Math.Clamp(((step * percent) + 50) / 100, 1, 255))];
    }

    /// <summary>The orthonormal cosine transform: row u is c(u) cos((2 x + 1) u pi / 16) / 2.</summary>
    private static float[] BuildCosines() =>
        [.. Enumerable.Range(0, 64).Select(i => (float)(Math.Cos(((2 * (i % 8)) + 1) * (i / 8) * Math.PI / 16) * (i < 8 ? Math.Sqrt(0.125) : 0.5)))];
}
