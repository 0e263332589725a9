using System.Buffers.Binary;
using Kindling.Deployment.Generation;

namespace Kindling.Deployment.Tests;

/// <summary>The kernels' fast rounding against TFLite's reference arithmetic, ties included.</summary>
public sealed class RoundingTests
{
    // Sums of every magnitude, and those whose product falls on a half or next to it.
    private const string Program = """
        #include "kindling_rounding.h"
        #include "harness_model.h"

        static uint32_t state = 1;

        static uint32_t next(void)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            return state;
        }

        static uint32_t differs(int32_t sum, int32_t multiplier, int32_t shift, int32_t zero_point)
        {
            const kindling_rounding rounding = kindling_rounding_of(multiplier, shift - 1, zero_point);
            const int32_t full = kindling_round_any(sum, multiplier, shift, zero_point, -128, 127);
            const int32_t relu = kindling_round_any(sum, multiplier, shift, zero_point, zero_point, 127);
            const int32_t fast = kindling_clamp(kindling_round_relu(&rounding, 2 * sum), zero_point, 127);
            return (kindling_round(&rounding, 2 * sum) != full ? 1u : 0u) + (fast != relu ? 1u : 0u);
        }

        void rounding_run(const uint32_t *input, uint32_t *output)
        {
            uint32_t wrong = 0;
            uint32_t inside = 0;
            for (int32_t shift = 1; shift <= 23; shift++) {
                for (uint32_t trial = 0; trial < 2000; trial++) {
                    const int32_t zero_point = (int32_t)(next() & 255u) - 128;
                    const int32_t multiplier = trial % 8 == 0 ? 0x40000000 : (int32_t)(0x40000000u | (next() >> 2));
                    const int32_t random = (int32_t)next() >> (2 + next() % 28u);
                    const int64_t half = ((int64_t)(int32_t)(next() % 600u) - 300) * ((int64_t)1 << shift) + ((int64_t)1 << (shift - 1));
                    const int64_t tie = half * 2147483648LL / multiplier;
                    wrong += differs(random, multiplier, shift, zero_point);
                    for (int32_t near = -1; near <= 1; near++) {
                        if (tie + near > -(1 << 29) && tie + near < (1 << 29)) {
                            wrong += differs((int32_t)(tie + near), multiplier, shift, zero_point);
                            inside++;
                        }
                    }
                }
            }
            output[0] = wrong + *input;
            output[1] = inside;
        }
        """;

    private const string Model = """
        #include <stdint.h>
        #define MODEL_RUN rounding_run
        #define MODEL_INPUT() rounding_input
        #define MODEL_ARENA rounding_arena
        #define MODEL_ARENA_BYTES 4
        #define MODEL_INPUT_TYPE uint32_t
        #define MODEL_INPUT_ELEMENTS 1
        #define MODEL_OUTPUT_TYPE uint32_t
        #define MODEL_OUTPUT_ELEMENTS 2
        extern uint32_t rounding_input[1];
        extern int8_t rounding_arena[4];
        void rounding_run(const uint32_t *input, uint32_t *output);
        """;

    [Fact]
    public void The_portable_fast_rounding_equals_the_reference()
    {
        var compiler = HostProgram.RequireCompiler();
        using var folder = new TemporaryFolder();
        Write(folder.Path);
        File.WriteAllText(
            Path.Combine(folder.Path, "main.c"),
            "#include <stdio.h>\n#include \"harness_model.h\"\nint main(void) {\n    uint32_t input = 0, output[2];\n    rounding_run(&input, output);\n"
            + "    printf(\"%u %u\", (unsigned)output[0], (unsigned)output[1]);\n    return 0;\n}\n");
        var built = ProcessRunner.Run(
            compiler, [.. HostProgram.Strict, .. HostProgram.Sanitized, "-o", "program", "main.c", "rounding.c"], folder.Path, TimeSpan.FromMinutes(5));
        Assert.True(built.ExitCode == 0, built.Error);

        var ran = ProcessRunner.Run(Path.Combine(folder.Path, "program"), [], folder.Path, TimeSpan.FromMinutes(5));

        Assert.True(ran.ExitCode == 0, ran.Error);
        var counts = ran.Output.Split(' ').Select(uint.Parse).ToArray();
        Assert.Equal(0u, counts[0]);
        Assert.True(counts[1] > 50000, $"{counts[1]} ties");
    }

    [Fact]
    public void The_fast_rounding_of_the_DSP_extension_equals_the_reference()
    {
        Boards.Require();
        using var folder = new TemporaryFolder();
        Write(folder.Path);
        File.WriteAllText(
            Path.Combine(folder.Path, "data.c"), "#include \"harness_model.h\"\nuint32_t rounding_input[1];\nint8_t rounding_arena[4];\n");
        File.WriteAllBytes(Path.Combine(folder.Path, "inputs.bin"), new byte[4]);

        BoardProgram.BuildAndRun(Targets.Find("stm32h7"), folder.Path, ["rounding.c", "data.c"], folder.Path);

        var record = File.ReadAllBytes(Path.Combine(folder.Path, "outputs.bin")).AsSpan(8);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(record));
        Assert.True(BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) > 50000);
    }

    private static void Write(string folder)
    {
        foreach (var header in new[] { "kindling_rounding.h", "kindling_fixed_point.h", "kindling_simd.h" })
            File.WriteAllText(Path.Combine(folder, header), FirmwareFiles.Read($"kernels/{header}"));
        File.WriteAllText(Path.Combine(folder, "rounding.c"), Program);
        File.WriteAllText(Path.Combine(folder, "harness_model.h"), Model);
    }
}
