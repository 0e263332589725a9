using System.Runtime.InteropServices;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Core.Tests.Execution;

public class InputEncoderTests
{
    private static readonly byte[] AllPixels = [.. Enumerable.Range(0, 256).Select(p => (byte)p)];
    private static readonly Preprocessing MinusOneToOne = new(16, 16, ColorMode.Grayscale, [1 / 127.5f], [-1]);
    private static readonly Preprocessing ZeroToOne = new(16, 16, ColorMode.Grayscale, [1 / 255f], [0]);

    [Fact]
    public void A_uint8_input_that_is_the_preprocessing_takes_the_raw_pixel()
    {
        Assert.Equal(AllPixels, Pixels(Input(ElementType.UInt8, new Quantization(0.00784314f, 127)), MinusOneToOne));
        Assert.Equal(AllPixels, Pixels(Input(ElementType.UInt8, new Quantization(1 / 255f, 0)), ZeroToOne));
    }

    [Fact]
    public void An_int8_input_that_is_the_preprocessing_takes_the_pixel_less_128() => Assert.Equal(
        AllPixels.Select(p => (byte)(p - 128)), Pixels(Input(ElementType.Int8, new Quantization(0.00784314f, -1)), MinusOneToOne));

    [Fact]
    public void Preprocessed_values_give_the_same_bytes_as_the_pixels_they_come_from()
    {
        foreach (var preprocessing in new[] { MinusOneToOne, ZeroToOne })
        {
            foreach (var q in new[] { new Quantization(0.00784314f, 127), new Quantization(1 / 255f, 0), new Quantization(0.01f, 100) })
            {
                var input = Input(ElementType.UInt8, q);
                var values = Array.ConvertAll(AllPixels, p => (preprocessing.Scale[0] * p) + preprocessing.Offset[0]);
                var bytes = new byte[256];
                new InputEncoder(input, preprocessing).EncodeValues(values, bytes);
                Assert.Equal(Pixels(input, preprocessing), bytes);
            }
        }
    }

    [Fact]
    public void Another_quantization_rounds_the_preprocessed_pixel_and_clamps_it()
    {
        var encoder = new InputEncoder(Input(ElementType.UInt8, new Quantization(0.01f, 50)), MinusOneToOne);
        Assert.False(encoder.FeedsRawPixels);
        var bytes = Pixels(Input(ElementType.UInt8, new Quantization(0.01f, 50)), MinusOneToOne);
        Assert.Equal(0, bytes[0]);
        Assert.Equal(150, bytes[255]);
        Assert.Equal(50, bytes[127]);
    }

    [Fact]
    public void Every_channel_has_its_own_scale_and_offset()
    {
        var preprocessing = new Preprocessing(1, 1, ColorMode.Rgb, [1, 2, 3], [0, -10, -20]);
        var input = new Value("input", ElementType.Float32, new Shape(1, 1, 1, 3));
        var bytes = new byte[24];
        new InputEncoder(input, preprocessing).EncodePixels([1, 2, 3, 4, 5, 6], bytes);
        Assert.Equal([1, -6, -11, 4, 0, -2], MemoryMarshal.Cast<byte, float>(bytes).ToArray());
        Assert.False(new InputEncoder(
            new Value("input", ElementType.UInt8, new Shape(1, 1, 1, 3), new Quantization(1, 0)), preprocessing).FeedsRawPixels);
    }

    [Fact]
    public void Without_preprocessing_pixels_go_in_as_they_are() =>
        Assert.Equal(AllPixels, Pixels(Input(ElementType.UInt8, new Quantization(0.5f, 3)), null));

    [Fact]
    public void An_input_that_cannot_be_a_photo_is_refused() =>
        Assert.Throws<KindlingException>(() => new InputEncoder(new Value("ids", ElementType.Int64, new Shape(1, 4)), null));

    private static Value Input(ElementType type, Quantization q) => new("input", type, new Shape(1, 16, 16, 1), q);

    private static byte[] Pixels(Value input, Preprocessing? preprocessing)
    {
        var bytes = new byte[256];
        new InputEncoder(input, preprocessing).EncodePixels(AllPixels, bytes);
        return bytes;
    }
}
