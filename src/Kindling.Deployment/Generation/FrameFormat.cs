using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>How a pixel's byte becomes an element of the input; the numbers are those of <c>kindling_frame.h</c>.</summary>
internal enum FrameEncoding
{
    /// <summary>As it is.</summary>
    UInt8,

    /// <summary>Less 128.</summary>
    Int8,

    /// <summary>By a table for each channel or one for all.</summary>
    Table,

    /// <summary>Scale and offset in float32.</summary>
    Float,
}

/// <summary>What <c>kindling_frame_convert</c> needs to know of a network, the fields of <c>kindling_frame_input</c>.</summary>
internal sealed record FrameFormat
{
    private FrameFormat(Preprocessing preprocessing) => Preprocessing = preprocessing;

    /// <summary>Size, colours, interpolation and aspect ratio.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>How bytes become elements.</summary>
    public FrameEncoding Encoding { get; private init; }

    /// <summary>[channels or 1][256] elements as bytes; empty unless <see cref="Encoding"/> needs them.</summary>
    public byte[] Table { get; private init; } = [];

    /// <summary>256 when every channel has a table, else 0.</summary>
    public int TableStep => Table.Length > 256 ? 256 : 0;

    /// <summary>One factor a channel; empty unless the input is float.</summary>
    public float[] Scale { get; private init; } = [];

    /// <summary>One summand a channel; empty unless the input is float.</summary>
    public float[] Offset { get; private init; } = [];

    /// <summary>The format of a network's input; null, with the reason, when no frame can be converted to it pixel by pixel.</summary>
    public static FrameFormat? Of(Graph graph, out string? refusal)
    {
        var input = graph.Inputs[0];
        refusal = Refusal(input, graph.Metadata.Preprocessing);
        if (refusal is not null)
            return null;
        var preprocessing = graph.Metadata.Preprocessing!;
        var channels = preprocessing.Channels;
        if (input.Type == ElementType.Float32)
        {
            return new FrameFormat(preprocessing)
            {
                Encoding = FrameEncoding.Float,
                Scale = [.. Enumerable.Range(0, channels).Select(preprocessing.ScaleOf)],
                Offset = [.. Enumerable.Range(0, channels).Select(preprocessing.OffsetOf)],
            };
        }

        var encoder = new InputEncoder(input, preprocessing);
        if (encoder.FeedsRawPixels)
            return new FrameFormat(preprocessing) { Encoding = input.Type == ElementType.Int8 ? FrameEncoding.Int8 : FrameEncoding.UInt8 };
        var tables = Tables(encoder, channels);
        var isOne = tables.All(t => t.AsSpan().SequenceEqual(tables[0]));
        return new FrameFormat(preprocessing) { Encoding = FrameEncoding.Table, Table = isOne ? tables[0] : [.. tables.SelectMany(t => t)] };
    }

    private static byte[][] Tables(InputEncoder encoder, int channels)
    {
        var pixels = new byte[256 * channels];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i / channels);
        var encoded = new byte[pixels.Length];
        encoder.EncodePixels(pixels, encoded);
        return [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, 256).Select(p => encoded[(p * channels) + c]).ToArray())];
    }

    private static string? Refusal(Value input, Preprocessing? preprocessing)
    {
        if (input.Shape.Rank != 4 || input.Shape.Channels is not (1 or 3))
            return $"the input {input.Shape} is no image of 1 or 3 channels";
        if (input.Type.IsQuantized() && input.Quantization is null)
            return $"the {input.Type.Name()} input has no scale and zero point";
        if (preprocessing is null)
            return "the model does not say how pixels become its input";
        if ((preprocessing.Height, preprocessing.Width, preprocessing.Channels) != (input.Shape.Height, input.Shape.Width, input.Shape.Channels))
        {
            return $"the model prepares photos of {preprocessing.Height}x{preprocessing.Width}x{preprocessing.Channels}, "
                + $"its input takes {input.Shape.Height}x{input.Shape.Width}x{input.Shape.Channels}";
        }

        if (preprocessing.Standardization != Standardization.None)
            return "every photo is standardised over all its values after the resizing, which cannot be done pixel by pixel";
        if (preprocessing.Interpolation is not (Interpolation.Nearest or Interpolation.Bilinear))
            return $"photos are resized with {preprocessing.Interpolation.ToString().ToLowerInvariant()}; in C there are nearest and bilinear";
        if (preprocessing.AspectRatio == AspectRatio.Crop && preprocessing.ShorterSide < Math.Max(preprocessing.Height, preprocessing.Width))
            return $"photos are resized to a shorter side of {preprocessing.ShorterSide}, less than the input";
        return Math.Max(preprocessing.Height, Math.Max(preprocessing.Width, preprocessing.ShorterSide ?? 0)) > ushort.MaxValue
            ? $"a side of the input is more than {ushort.MaxValue}"
            : null;
    }
}
