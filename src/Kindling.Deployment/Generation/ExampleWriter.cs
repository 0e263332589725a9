using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Deployment.Generation;

/// <summary>The image that is built into the examples, and the host's answer to it.</summary>
internal sealed class ExampleWriter
{
    private const int FramePixelsPerLine = 16;
    private readonly GeneratedProject _project;
    private readonly FrameFormat? _format;
    private readonly int _frameWidth;
    private readonly int _frameHeight;
    private readonly ushort[] _frame = [];
    private readonly byte[] _input;

    /// <summary>Prepares the image and runs the network on it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="format">How frames become inputs; null when they cannot.</param>
    /// <param name="pixels">A prepared photo ([H, W, C] bytes in the input's order); null draws a pattern.</param>
    /// <param name="host">Runs the network.</param>
    public ExampleWriter(GeneratedProject project, FrameFormat? format, byte[]? pixels, HostRun host)
    {
        (_project, _format) = (project, format);
        var (input, preprocessing) = (project.Graph.Inputs[0], project.Graph.Metadata.Preprocessing);
        if (pixels is not null && pixels.Length != input.Shape.ElementCount)
            throw new KindlingException($"the example image has {pixels.Length} values, the network's input {input.Shape.ElementCount}");
        IsPhoto = pixels is not null;
        if (format is not null)
        {
            // A frame of this size is not resampled, whatever the aspect ratio.
            var side = format.Preprocessing is { AspectRatio: AspectRatio.Crop, ShorterSide: { } shorter } ? shorter : 0;
            (_frameWidth, _frameHeight) = side > 0 ? (side, side) : (input.Shape.Width, input.Shape.Height);
            _frame = Frame(pixels ?? Pattern(input.Shape), input.Shape, format.Preprocessing.Color);
            _input = FrameInput(input, format.Preprocessing);
        }
        else if (pixels is not null && preprocessing is not null)
        {
            _input = new byte[input.Bytes];
            new InputEncoder(input, preprocessing).EncodePixels(pixels, _input);
        }
        else
        {
            _input = SampleInputs.Noise(project.Graph, 1)[0];
        }

        (Best, Answer) = Answered(host.Output(_input));
    }

    /// <summary>The highest element of the host's output.</summary>
    public int Best { get; }

    /// <summary>What the examples print: <c>daisy: 0.996</c>.</summary>
    public string Answer { get; }

    /// <summary>True when the image is a photo and no pattern.</summary>
    public bool IsPhoto { get; }

    /// <summary>The header with the image.</summary>
    public string Header()
    {
        var (symbol, prefix) = (_project.Symbol, _project.Symbol.ToUpperInvariant());
        var text = new StringBuilder("/* SPDX-License-Identifier: Apache-2.0 (this code; the image is its owner's) */\n");
        text.Append($"/* {(IsPhoto ? "A photo" : "A pattern")} for the examples: include it in one file. The host's answer is \"{CText.Comment(Answer)}\". */\n");
        text.Append($"#ifndef {prefix}_EXAMPLE_H\n#define {prefix}_EXAMPLE_H\n\n#include <stdint.h>\n\n");
        text.Append($"/* Index of the output's highest element on the host. */\n#define {prefix}_EXAMPLE_BEST {Best}\n\n");
        if (_format is null)
        {
            text.Append("/* Raw little-endian bytes of the input. */\n");
            CText.AppendBytes(text, $"{symbol}_example_input", _input);
            return text.Append("#endif\n").ToString();
        }

        text.Append($"/* A camera's frame, RGB565. */\n#define {prefix}_EXAMPLE_WIDTH {_frameWidth}\n#define {prefix}_EXAMPLE_HEIGHT {_frameHeight}\n");
        text.Append($"static const uint16_t {symbol}_example_frame[{_frame.Length}] = {{");
        for (var i = 0; i < _frame.Length; i++)
            text.Append(i % FramePixelsPerLine == 0 ? "\n    " : " ").Append(CultureInfo.InvariantCulture, $"0x{_frame[i]:X4},");
        return text.Append("\n};\n\n#endif\n").ToString();
    }

    // Outside the input's window the nearest pixel is repeated.
    private ushort[] Frame(byte[] pixels, Shape shape, ColorMode color)
    {
        var frame = new ushort[_frameWidth * _frameHeight];
        int top = (_frameHeight - shape.Height) / 2, left = (_frameWidth - shape.Width) / 2;
        for (var i = 0; i < frame.Length; i++)
        {
            var (y, x) = (Math.Clamp((i / _frameWidth) - top, 0, shape.Height - 1), Math.Clamp((i % _frameWidth) - left, 0, shape.Width - 1));
            var at = ((y * shape.Width) + x) * shape.Channels;
            var (red, green, blue) = color switch
            {
                ColorMode.Grayscale => (pixels[at], pixels[at], pixels[at]),
                ColorMode.Bgr => (pixels[at + 2], pixels[at + 1], pixels[at]),
                _ => (pixels[at], pixels[at + 1], pixels[at + 2]),
            };
            frame[i] = Rgb565.Pack(red, green, blue);
        }

        return frame;
    }

    private byte[] FrameInput(Value input, Preprocessing preprocessing)
    {
        var shape = input.Shape;
        int top = (_frameHeight - shape.Height) / 2, left = (_frameWidth - shape.Width) / 2;
        var pixels = new byte[shape.ElementCount];
        for (var i = 0; i < pixels.Length; i += shape.Channels)
        {
            var (y, x) = (i / shape.Channels / shape.Width, i / shape.Channels % shape.Width);
            var (red, green, blue) = Rgb565.Unpack(_frame[((top + y) * _frameWidth) + left + x]);
            if (preprocessing.Color == ColorMode.Grayscale)
                pixels[i] = Luma.Of(red, green, blue);
            else
                (pixels[i], pixels[i + 1], pixels[i + 2]) = preprocessing.Color == ColorMode.Bgr ? (blue, green, red) : (red, green, blue);
        }

        var bytes = new byte[input.Bytes];
        new InputEncoder(input, preprocessing).EncodePixels(pixels, bytes);
        return bytes;
    }

    // A bright disc on a gradient.
    private static byte[] Pattern(Shape shape)
    {
        var pixels = new byte[shape.ElementCount];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (c, x, y) = (i % shape.Channels, i / shape.Channels % shape.Width, i / shape.Channels / shape.Width);
            var (across, down) = ((2 * x) - shape.Width, (2 * y) - shape.Height);
            var isDisc = (long)across * across * shape.Height * shape.Height * 4 + ((long)down * down * shape.Width * shape.Width * 4)
                < (long)shape.Width * shape.Width * shape.Height * shape.Height;
            pixels[i] = (byte)(isDisc ? 230 - (60 * c) : c == 1 ? 255 * y / shape.Height : 255 * x / shape.Width);
        }

        return pixels;
    }

    private (int Best, string Answer) Answered(ReadOnlySpan<byte> output)
    {
        var value = _project.Graph.Outputs[0];
        var scores = new float[value.Shape.ElementCount];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = value.Type switch
            {
                ElementType.Float32 => MemoryMarshal.Read<float>(output[(4 * i)..]),
                _ when value.Quantization is not { } => output[i],
                ElementType.Int8 => value.Quantization.Scale * ((sbyte)output[i] - value.Quantization.ZeroPoint),
                _ => value.Quantization.Scale * (output[i] - value.Quantization.ZeroPoint),
            };
        }

        var best = Array.IndexOf(scores, scores.Max());
        var name = _project.ClassNames.Count > 0 ? _project.ClassNames[best] : $"class {best}";
        var thousandths = (int)((1000f * Math.Abs(scores[best])) + 0.5f);
        return (best, string.Create(CultureInfo.InvariantCulture, $"{name}: {(scores[best] < 0 ? "-" : "")}{thousandths / 1000}.{thousandths % 1000:D3}"));
    }
}
