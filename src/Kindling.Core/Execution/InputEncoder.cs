using System.Runtime.InteropServices;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>
/// Fills a model's input from 8-bit pixels or from preprocessed values, by one rule on the host and on the device.
/// <para>
/// The rule for 8-bit inputs: when the quantization is the preprocessing itself (one scale and offset for all channels, the same step, and a
/// zero point at most half a step off, which is what a converter makes of 1/127.5 and -1: scale 0.00784314, zero point 127), the
/// raw pixel p is the uint8 value and p - 128 the int8 value. Nothing is computed, and no value sits on a rounding tie.
/// Otherwise a value is <c>round((Scale * p + Offset) / scale) + zero point</c>, halves away from zero, clamped; with per-image standardisation
/// it is the standardised value that is divided.
/// </para>
/// </summary>
public sealed class InputEncoder
{
    private readonly Value _input;
    private readonly Preprocessing? _preprocessing;
    private readonly byte[][] _tables = [];
    private readonly float[][] _values = [];
    private readonly bool _standardizes;
    private readonly float[] _photo = [];

    /// <summary>Prepares the tables for a model's input.</summary>
    /// <param name="input">The input: float32, uint8 or int8 <c>[1, H, W, C]</c>.</param>
    /// <param name="preprocessing">The model's preprocessing; null takes pixels as they are.</param>
    /// <exception cref="KindlingException">The input has another type.</exception>
    public InputEncoder(Value input, Preprocessing? preprocessing)
    {
        ArgumentNullException.ThrowIfNull(input);
        _input = input;
        _preprocessing = preprocessing;
        _standardizes = preprocessing?.Standardization == Standardization.PerImage;
        FeedsRawPixels = input.Type.IsQuantized() && !_standardizes && IsPreprocessing(input, preprocessing);
        if (_standardizes)
            _photo = new float[input.Shape.ElementCount];
        var channels = input.Shape.Channels;
        if (input.Type == ElementType.Float32 || (_standardizes && input.Type.IsQuantized()))
        {
            _values = [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, 256).Select(p => Real(p, c)).ToArray())];
        }
        else if (input.Type.IsQuantized())
        {
            _tables = [.. Enumerable.Range(0, channels).Select(c => Enumerable.Range(0, 256).Select(p => Encode(p, c)).ToArray())];
        }
        else
        {
            throw new KindlingException($"input {input.Name} is {input.Type.Name()}; a photo can be float32, uint8 or int8");
        }
    }

    /// <summary>True when the raw pixel is the uint8 value (minus 128 the int8 value).</summary>
    public bool FeedsRawPixels { get; }

    /// <summary>Writes pixels (<c>H x W x C</c> bytes a photo, any number of photos) as the input's bytes.</summary>
    /// <exception cref="ArgumentException">The destination has another number of elements.</exception>
    public void EncodePixels(ReadOnlySpan<byte> pixels, Span<byte> destination)
    {
        var channels = _input.Shape.Channels;
        if (destination.Length != pixels.Length * _input.Type.Size())
            throw new ArgumentException($"{pixels.Length} pixels do not fill {destination.Length} bytes of {_input.Type.Name()}", nameof(destination));
        if (_standardizes)
        {
            EncodeStandardized(pixels, destination);
        }
        else if (_values.Length > 0)
        {
            var floats = MemoryMarshal.Cast<byte, float>(destination);
            for (int i = 0, c = 0; i < pixels.Length; i++, c = c + 1 == channels ? 0 : c + 1)
                floats[i] = _values[c][pixels[i]];
        }
        else
        {
            for (int i = 0, c = 0; i < pixels.Length; i++, c = c + 1 == channels ? 0 : c + 1)
                destination[i] = _tables[c][pixels[i]];
        }
    }

    /// <summary>Writes preprocessed values (<c>Scale * p + Offset</c>, standardised if the preprocessing says so) as the input's bytes.</summary>
    /// <exception cref="ArgumentException">The destination has another number of elements.</exception>
    public void EncodeValues(ReadOnlySpan<float> values, Span<byte> destination)
    {
        if (destination.Length != values.Length * _input.Type.Size())
            throw new ArgumentException($"{values.Length} values do not fill {destination.Length} bytes of {_input.Type.Name()}", nameof(destination));
        if (_input.Type == ElementType.Float32)
        {
            MemoryMarshal.AsBytes(values).CopyTo(destination);
            return;
        }

        for (var i = 0; i < values.Length; i++)
            destination[i] = FeedsRawPixels && _preprocessing is not null ? FromPixel(Pixel(values[i])) : Quantized(values[i]);
    }

    /// <summary>Photo by photo: scale and offset, then mean 0 and deviation 1, then the input's own quantization.</summary>
    private void EncodeStandardized(ReadOnlySpan<byte> pixels, Span<byte> destination)
    {
        var channels = _input.Shape.Channels;
        var size = _input.Type.Size();
        for (var first = 0; first < pixels.Length; first += _photo.Length)
        {
            var photo = pixels.Slice(first, _photo.Length);
            for (int i = 0, c = 0; i < photo.Length; i++, c = c + 1 == channels ? 0 : c + 1)
                _photo[i] = _values[c][photo[i]];
            PhotoStandardization.Apply(_photo, _preprocessing!.ScaleOf(0));
            EncodeValues(_photo, destination.Slice(first * size, _photo.Length * size));
        }
    }

    private static bool IsPreprocessing(Value input, Preprocessing? preprocessing)
    {
        if (preprocessing is null || input.Quantization is not { } q)
            return true;
        if (preprocessing.Scale.Distinct().Count() > 1 || preprocessing.Offset.Distinct().Count() > 1)
            return false;
        // At most a quarter step off at the brightest pixel, and half a step of zero point, plus rounding.
        var zeroPixel = q.ZeroPoint + (input.Type == ElementType.Int8 ? 128 : 0);
        return Math.Abs((preprocessing.ScaleOf(0) / (double)q.Scale) - 1) * 255 <= 0.25
            && Math.Abs((-preprocessing.OffsetOf(0) / (double)preprocessing.ScaleOf(0)) - zeroPixel) <= 0.501;
    }

    private byte Encode(int pixel, int channel) => FeedsRawPixels ? FromPixel(pixel) : Quantized(Real(pixel, channel));

    private byte FromPixel(int pixel) => (byte)(_input.Type == ElementType.Int8 ? pixel - 128 : pixel);

    private int Pixel(float value) =>
        (int)Math.Clamp(Math.Round((value - (double)_preprocessing!.OffsetOf(0)) / _preprocessing.ScaleOf(0)), 0, 255);

    private float Real(int pixel, int channel) =>
        _preprocessing is null ? pixel : (_preprocessing.ScaleOf(channel) * pixel) + _preprocessing.OffsetOf(channel);

    private byte Quantized(float value)
    {
        var q = _input.Quantization
            ?? throw new KindlingException($"input {_input.Name} is {_input.Type.Name()} without scale and zero point");
        var (low, high) = _input.Type == ElementType.Int8 ? (-128, 127) : (0, 255);
        return (byte)(int)Math.Clamp(Math.Round(value / q.Scale, MidpointRounding.AwayFromZero) + q.ZeroPoint, low, high);
    }
}
