using System.Globalization;
using System.Text.Json;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Tests;

namespace Kindling.Deployment.Tests;

/// <summary>A published model with what TensorFlow Lite Micro computes from two generated inputs on a simulated Cortex-M7.</summary>
internal sealed class GoldenModel
{
    private readonly JsonElement _entry;

    public GoldenModel(string name)
    {
        var json = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("golden/mcu-golden.json")));
        _entry = json.RootElement.GetProperty("models").GetProperty(name);
        Graph = TfliteReader.Read(SharedData.Require($"models/st/{name}_flowers_int8.tflite"));
    }

    public Graph Graph { get; }

    public IReadOnlyList<byte[]> Inputs => [Noise(), Pattern()];

    /// <summary>The output's floats as raw bytes.</summary>
    public byte[] Output(int input) =>
        [.. _entry.GetProperty("outputs")[input].GetProperty("f32_hex").EnumerateArray()
            .SelectMany(h => BitConverter.GetBytes(uint.Parse(h.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];

    private byte[] Noise()
    {
        var bytes = new byte[Graph.Inputs[0].Bytes];
        var state = 1u;
        foreach (ref var b in bytes.AsSpan())
        {
            state = (state * 1664525) + 1013904223;
            b = (byte)(state >> 24);
        }

        return bytes;
    }

    private byte[] Pattern()
    {
        var shape = Graph.Inputs[0].Shape;
        var bytes = new byte[shape.ElementCount];
        for (var i = 0; i < bytes.Length; i++)
        {
            var (c, x, y) = (i % shape.Channels, i / shape.Channels % shape.Width, i / shape.Channels / shape.Width);
            var (a, b) = (x * 256 / shape.Width, y * 256 / shape.Height);
            var value = c == 0 ? a : c == 1 ? b : (a + b) / 2;
            bytes[i] = (byte)(value ^ ((((x / 8) + (y / 8)) & 1) != 0 ? 0x20 : 0));
        }

        return bytes;
    }
}
