using System.Runtime.CompilerServices;

namespace Kindling.Kernels.Int8;

/// <summary>Requantizes a tile of finished sums and writes it to the output.</summary>
internal static unsafe class StoredSums
{
    /// <summary>Writes <paramref name="pixels"/> pixels of <paramref name="vectors"/> vectors each; channels beyond the last one are left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store<TLanes, TVector>(
        sbyte* output, nint stride, int* sums, int pixels, int vectors, in RequantizationTable table, int channel, int channels)
        where TLanes : struct, IInt8Lanes<TVector>
        where TVector : struct
    {
        for (var vector = 0; vector < vectors; vector++, channel += TLanes.Width)
        {
            var target = output + (vector * TLanes.Width);
            var source = sums + (vector * TLanes.Width);
            if (channel + TLanes.Width <= channels)
            {
                for (var p = 0; p < pixels; p++, target += stride, source += vectors * TLanes.Width)
                    TLanes.Store(target, TLanes.Load(source), table, channel);
            }
            else
            {
                // Bytes beyond the last channel belong to the next pixel or to a neighbouring slice, so the sums' own place takes them first.
                for (var p = 0; p < pixels; p++, target += stride, source += vectors * TLanes.Width)
                {
                    var bytes = (sbyte*)source;
                    TLanes.Store(bytes, TLanes.Load(source), table, channel);
                    for (var i = 0; channel + i < channels; i++)
                        target[i] = bytes[i];
                }
            }
        }
    }
}
