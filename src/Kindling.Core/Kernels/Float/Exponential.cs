using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kindling.Kernels.Float;

/// <summary>Sixteen floats at a time for the operators with an exponential; short rests go through the same instructions, so the bits do not depend on where a row ends.</summary>
internal static unsafe class Exponential
{
    /// <summary>Floats a step handles.</summary>
    public const int Step = 16;

    /// <summary>Reads up to sixteen floats; missing ones are <paramref name="rest"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, int count, float rest)
    {
        if (count >= Step)
            return Vector512.Load(source);
        var buffer = Vector512.Create(rest);
        for (var i = 0; i < count; i++)
            ((float*)&buffer)[i] = source[i];
        return buffer;
    }

    /// <summary>Writes up to sixteen floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* target, int count)
    {
        if (count >= Step)
        {
            value.Store(target);
            return;
        }

        for (var i = 0; i < count; i++)
            target[i] = ((float*)&value)[i];
    }
}
