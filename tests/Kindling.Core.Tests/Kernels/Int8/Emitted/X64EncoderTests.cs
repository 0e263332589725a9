using Kindling.Kernels.Int8.Emitted;

namespace Kindling.Tests.Kernels.Int8.Emitted;

/// <summary>The encoder's bytes are those of the GNU assembler.</summary>
public sealed class X64EncoderTests
{
    private static readonly Register[] Registers = Enum.GetValues<Register>();
    private static readonly int[] Displacements =
        [0, 1, 4, 8, 63, 64, 127, 128, -1, -64, -128, -129, 508, 512, -512, -516, 4096, 8128, 8192, -8192, -8256, 100_000, -100_000, int.MaxValue, int.MinValue];

    [Fact]
    public void Every_instruction_with_many_operands() => AssertEqualsAssembler([.. Operands()]);

    [Fact]
    public void Every_tile() => Assert.All(DotTiles.Sizes, s => AssertEqualsAssembler([.. DotTileProgram.Create(s.Pixels, s.Vectors)]));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(2000)]
    public void Jumps_near_and_far(int pushes) => AssertEqualsAssembler(
    [
        new Instruction.Label("start"),
        .. Enumerable.Repeat(new Instruction.Push(Register.R8), pushes),
        new Instruction.JumpIfNotZero("start"),
        new Instruction.JumpIfNotZero("start"),
        new Instruction.Return(),
    ]);

    [Fact]
    public void A_jump_to_nowhere_is_refused() =>
        Assert.Throws<KeyNotFoundException>(() => X64Encoder.Encode([new Instruction.JumpIfNotZero("nowhere")]));

    private static void AssertEqualsAssembler(IReadOnlyList<Instruction> program)
    {
        var expected = AssemblyText.Assemble(program);
        var actual = X64Encoder.Encode(program);
        if (actual.SequenceEqual(expected))
            return;

        // Longer programs say which instruction it is.
        var wrong = program.FirstOrDefault(i => i is not (Instruction.Label or Instruction.JumpIfNotZero)
            && !X64Encoder.Encode([i]).SequenceEqual(AssemblyText.Assemble([i])));
        Assert.Fail($"{wrong}: {(wrong is null ? "jumps" : Convert.ToHexString(X64Encoder.Encode([wrong])))}");
    }

    private static IEnumerable<Instruction> Operands()
    {
        foreach (var register in Registers)
        {
            yield return new Instruction.Push(register);
            yield return new Instruction.Pop(register);
            foreach (var value in Displacements)
            {
                yield return new Instruction.AddConstant(register, value);
                yield return new Instruction.SubtractConstant(register, value);
            }

            foreach (var other in Registers)
                yield return new Instruction.Add(register, other);
        }

        var number = 0;
        foreach (var address in Addresses())
        {
            // All registers take turns; 37 and 32, and 11 and 16, have no common divisor.
            var (register, vector) = ((Register)(11 * number % 16), 37 * number % 32);
            number++;
            yield return new Instruction.Load(register, address);
            yield return new Instruction.LoadAddress(register, address);
            yield return new Instruction.LoadVector(vector, address);
            yield return new Instruction.StoreVector(address, vector);
            yield return new Instruction.BroadcastQuad(vector, address);
        }

        for (var sum = 0; sum < 32; sum++)
        {
            for (var unsigned = 0; unsigned < 32; unsigned++)
            {
                for (var signed = 0; signed < 32; signed++)
                    yield return new Instruction.AddDotProducts(sum, unsigned, signed);
            }
        }

        yield return new Instruction.ZeroUpper();
        yield return new Instruction.Return();
    }

    private static IEnumerable<Address> Addresses()
    {
        foreach (var register in Registers)
        {
            foreach (var displacement in Displacements)
                yield return new Address(register, displacement);
            foreach (var index in Registers.Where(r => r != Register.Rsp))
            {
                foreach (var scale in new[] { 1, 2, 4, 8 })
                {
                    yield return new Address(register, 0, index, scale);
                    yield return new Address(register, Displacements[((int)index + scale) % Displacements.Length], index, scale);
                }
            }
        }
    }
}
