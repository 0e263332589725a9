using System.Buffers.Binary;

namespace Kindling.Formats.Keras;

/// <summary>
/// Recognizes the one Lambda the published models have, <c>lambda x: tf.clip_by_value(x, min, max)</c>, in Python's marshalled code object.
/// The code is looked at, never run.
/// </summary>
internal static class KerasLambda
{
    private const byte FloatMark = (byte)'g';
    private const int FloatBytes = 1 + sizeof(double);

    /// <summary>The range; null when the code is something else.</summary>
    public static (float Min, float Max)? ClipRange(string? base64)
    {
        if (base64 is null)
            return null;
        var code = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, code, out var length))
            return null;
        var bytes = code.AsSpan(0, length);
        if (bytes.IndexOf("clip_by_value"u8) < 0)
            return null;
        // The constants: two floats of 64 bits side by side, the only ones.
        for (var i = 0; i + (2 * FloatBytes) <= bytes.Length; i++)
        {
            if (bytes[i] != FloatMark || bytes[i + FloatBytes] != FloatMark)
                continue;
            var min = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i + 1)..]);
            var max = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i + 1 + FloatBytes)..]);
            if (min < max && Math.Abs(min) < 1e6 && Math.Abs(max) < 1e6)
                return ((float)min, (float)max);
        }

        return null;
    }
}
