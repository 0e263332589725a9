namespace Kindling.Kernels.Int8;

/// <summary>Requantizes a tile of finished sums and writes it to the output.</summary>
internal static unsafe class StoredSums
{
    /// <summary>Writes <paramref name="pixels"/> pixels of <paramref name="vectors"/> vectors each; channels beyond the last one are left out.</summary>
    public static void Store<TLanes, TVector>(
        sbyte* output, nint stride, int* sums, nint sumStride, int pixels, int vectors, in RequantizationTable table, int channel, int channels)
        where TLanes : struct, IInt8Lanes<TVector>
        where TVector : struct
    {
        for (var vector = 0; vector < vectors; vector++, channel += TLanes.Width, output += TLanes.Width, sums += TLanes.Width)
        {
            if (channel + TLanes.Width <= channels)
            {
                TLanes.StorePixels(output, stride, sums, sumStride, pixels, table, channel);
                continue;
            }

            // Bytes beyond the last channel belong to the next pixel or to a neighbouring slice, so the sums' own place takes them first.
            TLanes.StorePixels((sbyte*)sums, sumStride * sizeof(int), sums, sumStride, pixels, table, channel);
            var target = output;
            var source = (sbyte*)sums;
            for (var p = 0; p < pixels; p++, target += stride, source += sumStride * sizeof(int))
            {
                for (var i = 0; channel + i < channels; i++)
                    target[i] = source[i];
            }
        }
    }
}
