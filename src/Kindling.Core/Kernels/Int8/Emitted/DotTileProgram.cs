using System.Runtime.InteropServices;
using static Kindling.Kernels.Int8.Emitted.Instruction;

namespace Kindling.Kernels.Int8.Emitted;

/// <summary>
/// The program of one tile: some pixels times some vectors of 16 output channels. All sums stay in registers; for each quad of taps the vectors'
/// weights are loaded once and each pixel's 4 bytes broadcast once. Called as System V's <c>void tile(DotTileArguments*)</c>.
/// </summary>
internal static class DotTileProgram
{
    /// <summary>The most vectors of a tile.</summary>
    public const int MostVectors = 4;

    /// <summary>The most vectors of sums of a tile: pixels times vectors.</summary>
    public const int MostSums = 28;

    /// <summary>Output channels of a vector.</summary>
    public const int VectorChannels = 16;

    /// <summary>Taps multiplied and added at a time.</summary>
    public const int QuadTaps = 4;

    private const int VectorBytes = 64;
    private const Register Arguments = Register.Rdi;
    private const Register Window = Register.Rax;
    private const Register Quad = Register.Rcx;
    private const Register Segment = Register.Rdx;
    private const Register SegmentsLeft = Register.Rsi;
    private const Register QuadsLeft = Register.R8;
    private const Register Weights = Register.R9;

    // Odd multiples of the step between pixels, from 1 to 13: with scales they reach 14 pixels.
    private static readonly Register[] OddSteps =
        [Register.R10, Register.R11, Register.Rbx, Register.Rbp, Register.R12, Register.R13, Register.R14];

    private static readonly Register[] Saved = [Register.Rbx, Register.Rbp, Register.R12, Register.R13, Register.R14];

    /// <summary>The most pixels of a tile: its sums, a vector of inputs and the weights take at most 32 registers.</summary>
    public static int MostPixels(int vectors) => vectors switch
    {
        1 or 2 => 14,
        3 => 9,
        _ => 6,
    };

    /// <summary>The instructions for <paramref name="pixels"/> pixels (up to <see cref="MostPixels"/>) by <paramref name="vectors"/> vectors.</summary>
    public static IReadOnlyList<Instruction> Create(int pixels, int vectors)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vectors);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vectors, MostVectors);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixels, MostPixels(vectors));
        var sums = pixels * vectors;
        var (input, weights) = (sums, sums + 1);
        return
        [
            .. Saved.Select(r => new Push(r)),
            new Load(Window, Argument(nameof(DotTileArguments.Input))),
            new Load(OddSteps[0], Argument(nameof(DotTileArguments.PixelStep))),
            .. MultiplySteps(),
            new Load(Segment, Argument(nameof(DotTileArguments.Segments))),
            new Load(SegmentsLeft, Argument(nameof(DotTileArguments.SegmentCount))),
            new Load(Weights, Argument(nameof(DotTileArguments.Weights))),
            new Load(Quad, Argument(nameof(DotTileArguments.Bias))),
            .. Enumerable.Range(0, sums).Select(i => new LoadVector(i, new Address(Quad, i % vectors * VectorBytes))),
            new Label("segment"),
            new Load(Quad, new Address(Segment)),
            new Instruction.Add(Quad, Window),
            new AddConstant(Segment, sizeof(long)),
            new Load(QuadsLeft, Argument(nameof(DotTileArguments.Quads))),
            new Label("quad"),
            .. Enumerable.Range(0, vectors).Select(v => new LoadVector(weights + v, new Address(Weights, v * VectorBytes))),
            .. Enumerable.Range(0, pixels).SelectMany(p => MultiplyPixel(p, vectors, input, weights)),
            new AddConstant(Quad, QuadTaps),
            new AddConstant(Weights, vectors * VectorBytes),
            new SubtractConstant(QuadsLeft, 1),
            new JumpIfNotZero("quad"),
            new SubtractConstant(SegmentsLeft, 1),
            new JumpIfNotZero("segment"),
            new Load(Quad, Argument(nameof(DotTileArguments.Sums))),
            .. Enumerable.Range(0, sums).Select(i => new StoreVector(new Address(Quad, i * VectorBytes), i)),
            new ZeroUpper(),
            .. Saved.Reverse().Select(r => new Pop(r)),
            new Return(),
        ];
    }

    private static Address Argument(string field) => new(Arguments, (int)Marshal.OffsetOf<DotTileArguments>(field));

    // 3 = 1 + 2, 5 = 1 + 4, 7 = 3 + 4, 9 = 1 + 8, 11 = 3 + 8, 13 = 5 + 8.
    private static IEnumerable<Instruction> MultiplySteps()
    {
        for (var i = 1; i < OddSteps.Length; i++)
        {
            var multiple = (2 * i) + 1;
            var power = 1 << int.Log2(multiple);
            yield return new LoadAddress(OddSteps[i], new Address(OddSteps[(multiple - power) / 2], 0, OddSteps[0], power));
        }
    }

    private static IEnumerable<Instruction> MultiplyPixel(int pixel, int vectors, int input, int weights)
    {
        yield return new BroadcastQuad(input, PixelAddress(pixel));
        for (var v = 0; v < vectors; v++)
            yield return new AddDotProducts((pixel * vectors) + v, input, weights + v);
    }

    private static Address PixelAddress(int pixel)
    {
        if (pixel == 0)
            return new Address(Quad);
        var scale = pixel & -pixel;
        return new Address(Quad, 0, OddSteps[pixel / scale / 2], scale);
    }
}
