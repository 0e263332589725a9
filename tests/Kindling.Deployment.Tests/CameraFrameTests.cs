using System.Buffers.Binary;
using Kindling.Data.Images;
using Kindling.Deployment.Generation;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Deployment.Tests;

/// <summary>The C that turns camera frames into inputs against the host's way of preparing photos: random frames of many sizes, every option.</summary>
public sealed class CameraFrameTests
{
    private const int Cases = 144;
    private const int HeaderWords = 16;

    // Each case: sixteen words, 3 floats of scale and 3 of offset, the table, the frame; lengths padded to four.
    private const string Program = """
        #include <string.h>
        #include "harness_model.h"
        #include "kindling_frame.h"

        void frames_run(const uint8_t *input, uint8_t *output)
        {
            for (uint32_t left = FRAMES; left > 0; left--) {
                uint32_t w[16];
                float scale[3];
                float offset[3];
                kindling_frame frame;
                kindling_frame_input format;
                const uint8_t *rows;
                memcpy(w, input, sizeof w);
                memcpy(scale, input + 64, sizeof scale);
                memcpy(offset, input + 76, sizeof offset);
                input += 88;
                format.width = (uint16_t)w[0];
                format.height = (uint16_t)w[1];
                format.shorter_side = (uint16_t)w[2];
                format.color = (uint8_t)w[3];
                format.resize = (uint8_t)w[4];
                format.aspect = (uint8_t)w[5];
                format.encode = (uint8_t)w[6];
                format.table_step = (uint16_t)w[7];
                format.table = input;
                format.scale = scale;
                format.offset = offset;
                rows = input + w[8];
                frame.width = (uint16_t)w[9];
                frame.height = (uint16_t)w[10];
                frame.stride = (int32_t)w[11];
                frame.big_endian = (uint8_t)w[12];
                frame.pixels = rows + w[13];
                memset(output, 0xEE, w[15]);
                if (kindling_frame_convert(&frame, &format, output) != 0) {
                    memset(output, 0xDD, w[15]);
                }
                input = rows + w[14];
                output += w[15];
            }
        }
        """;

    private const string Main = """
        #include <stdio.h>
        #include <stdlib.h>
        #include "harness_model.h"
        int main(void)
        {
            static uint32_t output[MODEL_OUTPUT_ELEMENTS / 4];
            uint8_t *input = malloc(MODEL_INPUT_ELEMENTS);
            FILE *in = fopen("inputs.bin", "rb"), *out = fopen("outputs.bin", "wb");
            if (input == NULL || in == NULL || out == NULL || fread(input, 1, MODEL_INPUT_ELEMENTS, in) != MODEL_INPUT_ELEMENTS)
                return 1;
            frames_run(input, (uint8_t *)output);
            free(input);
            return fwrite(output, 1, MODEL_OUTPUT_ELEMENTS, out) != MODEL_OUTPUT_ELEMENTS || fclose(out) != 0;
        }
        """;

    [Fact]
    public void Frames_become_the_hosts_input_to_the_bit_without_undefined_behaviour() => OnThisMachine([.. HostProgram.Strict, .. HostProgram.Sanitized]);

    [Fact]
    public void Frames_become_the_hosts_input_even_when_the_compiler_may_fuse_products_and_sums()
    {
        if (!System.Runtime.Intrinsics.X86.Fma.IsSupported)
            Assert.Skip("this processor has no fused multiply-add of x86");
        OnThisMachine("-std=gnu11", "-O3", "-mfma", "-ffp-contract=fast");
    }

    [Theory]
    [InlineData("m4")]
    [InlineData("m4-without-dsp")]
    [InlineData("m7")]
    [InlineData("m33")]
    [InlineData("m55")]
    public void Frames_become_the_hosts_input_to_the_bit_on_a_simulated(string name)
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        var cases = Write(folder.Path);
        var core = BoardKernelTests.Cores.Single(c => c.Name == name);

        BoardProgram.BuildAndRun(
            core with { CompilerFlags = [.. core.CompilerFlags, "-ffp-contract=fast"] }, folder.Path, ["frames.c", "kindling_frame.c", "data.c"], folder.Path);

        AssertEqual(cases, File.ReadAllBytes(Path.Combine(folder.Path, "outputs.bin")).AsSpan(8));
    }

    [Fact]
    public void Cases_cover_every_colour_resize_aspect_and_encoding()
    {
        var cases = All();

        var kinds = cases.Select(c => (c.Format.Preprocessing.Color, c.Format.Preprocessing.Interpolation, c.Format.Preprocessing.AspectRatio, c.Format.Encoding));
        Assert.Equal(3 * 2 * 3 * 4, kinds.Distinct().Count());
        Assert.Contains(cases, c => c.Format.Preprocessing.ShorterSide is not null);
        Assert.Contains(cases, c => c.Format.TableStep == 256);
        Assert.Contains(cases, c => c.Frame.Stride < 0);
        Assert.All(cases, c => Assert.Equal(c.Expected.Length, (int)c.Input.Bytes));
    }

    [Fact]
    public void A_frame_without_pixels_is_refused_and_nothing_is_written()
    {
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        var one = All()[0];
        WriteProgram(folder.Path, [one with { Frame = one.Frame with { Width = 0 }, Expected = [.. one.Expected.Select(_ => (byte)0xDD)] }]);

        Run(folder.Path, HostProgram.Sanitized);

        Assert.Equal(one.Expected.Select(_ => (byte)0xDD), File.ReadAllBytes(Path.Combine(folder.Path, "outputs.bin")).Take(one.Expected.Length));
    }

    private static void OnThisMachine(params string[] flags)
    {
        HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        var cases = Write(folder.Path);

        Run(folder.Path, flags);

        AssertEqual(cases, File.ReadAllBytes(Path.Combine(folder.Path, "outputs.bin")));
    }

    private static void Run(string folder, string[] flags)
    {
        var compiled = ProcessRunner.Run(
            HostProgram.RequireCompiler(), [.. flags, "-o", "program", "main.c", "frames.c", "kindling_frame.c"], folder, TimeSpan.FromMinutes(2));
        Assert.True(compiled.ExitCode == 0, compiled.Error);
        var ran = ProcessRunner.Run(Path.Combine(folder, "program"), [], folder, TimeSpan.FromMinutes(2));
        Assert.True(ran.ExitCode == 0, ran.Error);
    }

    private static void AssertEqual(IReadOnlyList<Case> cases, ReadOnlySpan<byte> outputs)
    {
        var wrong = new List<string>();
        foreach (var c in cases)
        {
            if (!outputs[..c.Expected.Length].SequenceEqual(c.Expected))
                wrong.Add($"{c.Frame} to {c.Format.Preprocessing}, {c.Input.Type}, {c.Format.Encoding}");
            outputs = outputs[Padded(c.Expected.Length)..];
        }

        Assert.Empty(wrong);
        Assert.True(cases.SelectMany(c => c.Expected).Distinct().Count() == 256);
    }

    private static List<Case> Write(string folder)
    {
        var cases = All();
        WriteProgram(folder, cases);
        return cases;
    }

    private static void WriteProgram(string folder, List<Case> cases)
    {
        byte[] input = [.. cases.SelectMany(Serialized)];
        File.WriteAllBytes(Path.Combine(folder, "inputs.bin"), input);
        File.WriteAllText(Path.Combine(folder, "frames.c"), Program);
        File.WriteAllText(Path.Combine(folder, "main.c"), Main);
        foreach (var file in new[] { "kindling_frame.h", "kindling_frame.c" })
            File.WriteAllText(Path.Combine(folder, file), FirmwareFiles.Read($"camera/{file}"));
        File.WriteAllText(Path.Combine(folder, "harness_model.h"), $"""
            #include <stdint.h>
            #define FRAMES {cases.Count}
            #define MODEL_RUN frames_run
            #define MODEL_INPUT() frames_input
            #define MODEL_ARENA frames_arena
            #define MODEL_ARENA_BYTES 4
            #define MODEL_INPUT_TYPE uint8_t
            #define MODEL_INPUT_ELEMENTS {input.Length}
            #define MODEL_OUTPUT_TYPE uint8_t
            #define MODEL_OUTPUT_ELEMENTS {cases.Sum(c => Padded(c.Expected.Length))}
            extern uint8_t frames_input[MODEL_INPUT_ELEMENTS];
            extern int8_t frames_arena[MODEL_ARENA_BYTES];
            void frames_run(const uint8_t *input, uint8_t *output);

            """);
        File.WriteAllText(Path.Combine(folder, "data.c"), """
            #include "harness_model.h"
            uint8_t frames_input[MODEL_INPUT_ELEMENTS];
            int8_t frames_arena[MODEL_ARENA_BYTES];

            """);
    }

    private static byte[] Serialized(Case c)
    {
        var (f, p) = (c.Format, c.Format.Preprocessing);
        int[] words =
        [
            p.Width, p.Height, p.ShorterSide ?? 0, (int)p.Color, (int)p.Interpolation, (int)p.AspectRatio, (int)f.Encoding, f.TableStep, Padded(f.Table.Length),
            c.Frame.Width, c.Frame.Height, c.Frame.Stride, c.Frame.IsBigEndian ? 1 : 0, c.Frame.First, Padded(c.Bytes.Length), Padded(c.Expected.Length),
        ];
        Assert.Equal(HeaderWords, words.Length);
        var header = new byte[(HeaderWords + 6) * 4];
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4 * i), words[i]);
        for (var i = 0; i < f.Scale.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(4 * (HeaderWords + i)), f.Scale[i]);
            BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(4 * (HeaderWords + 3 + i)), f.Offset[i]);
        }

        return [.. header, .. f.Table, .. new byte[Padded(f.Table.Length) - f.Table.Length], .. c.Bytes, .. new byte[Padded(c.Bytes.Length) - c.Bytes.Length]];
    }

    private static int Padded(int bytes) => (bytes + 3) & ~3;

    private static List<Case> All()
    {
        var random = new RandomStream(20);
        return [.. Enumerable.Range(0, Cases).Select(i => Random(ref random, i))];
    }

    private static Case Random(ref RandomStream random, int index)
    {
        var color = (ColorMode)(index % 3);
        var encoding = index / 3 % 4;
        var aspect = (AspectRatio)(index / 12 % 3);
        var interpolation = index / 36 % 2 == 0 ? Interpolation.Bilinear : Interpolation.Nearest;
        // Now and then the size that needs no resampling, and one whole camera frame.
        int height = 1 + random.NextInt32(24), width = random.NextInt32(3) == 0 ? height : 1 + random.NextInt32(24);
        var isSame = random.NextInt32(8) == 0;
        int frameWidth = index == 0 ? 160 : isSame ? width : 1 + random.NextInt32(50), frameHeight = index == 0 ? 120 : isSame ? height : 1 + random.NextInt32(40);
        var channels = color == ColorMode.Grayscale ? 1 : 3;
        var perChannel = channels == 3 && encoding >= 2 && random.NextInt32(2) == 0;
        var preprocessing = new Preprocessing(
            height, width, color, perChannel ? [0.017f, 0.0175f, 0.0174f] : [1 / 127.5f], perChannel ? [-2.1f, -2.03f, -1.8f] : [-1], interpolation, aspect)
        {
            ShorterSide = aspect == AspectRatio.Crop && random.NextInt32(2) == 0 ? Math.Max(height, width) + random.NextInt32(8) : null,
        };
        var input = new Value(
            "input", encoding switch { 0 => ElementType.UInt8, 3 => ElementType.Float32, _ => ElementType.Int8 }, new Shape(1, height, width, channels),
            encoding switch
            {
                0 => new Tensors.Quantization(1 / 127.5f, 127),
                1 => new Tensors.Quantization(1 / 127.5f, -1),
                3 => null,
                _ => new Tensors.Quantization(0.0211f, -7),
            });
        var output = new Value("output", input.Type, input.Shape, input.Quantization);
        var graph = new Graph("frames", [input], [output], [new Node("same", new Clip(-10, 10), [input], output)], new ModelMetadata(preprocessing, []));
        var format = FrameFormat.Of(graph, out var refusal);
        Assert.Null(refusal);

        // The first byte at any alignment; rows with a margin; every fourth frame upside down.
        int first = random.NextInt32(4), stride = (2 * frameWidth) + random.NextInt32(6);
        var bytes = new byte[first + (stride * frameHeight)];
        foreach (ref var b in bytes.AsSpan())
            b = (byte)random.NextUInt64();
        var isBigEndian = random.NextInt32(2) == 1;
        var isUpsideDown = random.NextInt32(4) == 0;
        var upright = new byte[stride * frameHeight];
        for (var y = 0; y < frameHeight; y++)
            bytes.AsSpan(first + ((isUpsideDown ? frameHeight - 1 - y : y) * stride), stride).CopyTo(upright.AsSpan(y * stride));
        var place = new Placement(
            frameWidth, frameHeight, isUpsideDown ? -stride : stride, isUpsideDown ? first + ((frameHeight - 1) * stride) : first, isBigEndian);
        return new Case(place, bytes, input, format!, HostInput(new Rgb565Frame(frameWidth, frameHeight, upright, stride, isBigEndian), input, preprocessing));
    }

    // The way every photo goes.
    private static byte[] HostInput(Rgb565Frame frame, Value input, Preprocessing preprocessing)
    {
        var pixels = new byte[preprocessing.PixelCount()];
        ImagePreprocessor.ToPixels(frame.ToImage(preprocessing.Channels), preprocessing, pixels);
        var bytes = new byte[input.Bytes];
        new InputEncoder(input, preprocessing).EncodePixels(pixels, bytes);
        return bytes;
    }

    private sealed record Placement(int Width, int Height, int Stride, int First, bool IsBigEndian);

    private sealed record Case(Placement Frame, byte[] Bytes, Value Input, FrameFormat Format, byte[] Expected);
}
