using System.Globalization;
using System.Text.Json;

namespace Kindling.Tests.Tflite;

/// <summary>The published int8 models with their outputs and the checksum of every operator, as TFLite Micro computes them.</summary>
internal static class GoldenModels
{
    /// <summary>The golden data of one model.</summary>
    /// <param name="Path">The TFLite file.</param>
    /// <param name="Name">Its name in the golden file.</param>
    /// <param name="Operators">Name and the two checksums of each operator.</param>
    /// <param name="Outputs">The output bits for the two inputs.</param>
    public sealed record Golden(string Path, string Name, IReadOnlyList<(string Operator, uint[] Crc)> Operators, IReadOnlyList<uint[]> Outputs);

    public static Golden Load(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("golden/mcu-golden.json")));
        var model = document.RootElement.GetProperty("models").GetProperty(name);
        return new Golden(
            SharedData.Require($"models/st/{name}_flowers_int8.tflite"), name,
            [.. model.GetProperty("ops").EnumerateArray().Select(o => (
                o.GetProperty("op").GetString()!, o.GetProperty("crc32").EnumerateArray().Select(c => Hex(c.GetString()!)).ToArray()))],
            [.. model.GetProperty("outputs").EnumerateArray().Select(o =>
                o.GetProperty("f32_hex").EnumerateArray().Select(h => Hex(h.GetString()!)).ToArray())]);
    }

    /// <summary>One of the two inputs the golden file describes: 0 noise of a linear congruential generator, 1 a pattern.</summary>
    public static byte[] Input(int index, int height, int width, int channels)
    {
        var bytes = new byte[height * width * channels];
        var state = 1u;
        for (var i = 0; i < bytes.Length; i++)
        {
            state = (state * 1664525) + 1013904223;
            var (c, x, y) = (i % channels, i / channels % width, i / channels / width);
            var (a, b) = (x * 256 / width, y * 256 / height);
            var pattern = (c == 0 ? a : c == 1 ? b : (a + b) / 2) ^ ((((x / 8) + (y / 8)) & 1) != 0 ? 0x20 : 0);
            bytes[i] = index == 0 ? (byte)(state >> 24) : (byte)pattern;
        }

        return bytes;
    }

    private static uint Hex(string text) => uint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
