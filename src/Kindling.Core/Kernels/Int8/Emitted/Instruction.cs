namespace Kindling.Kernels.Int8.Emitted;

/// <summary>
/// One machine instruction (or a place to jump to) of x86-64 with AVX-512 VNNI, as far as the tiles need them. <see cref="X64Encoder"/> turns
/// them into bytes; tests execute them without a processor. Vectors are the 512-bit registers 0 to 31.
/// </summary>
internal abstract record Instruction
{
    /// <summary><c>push register</c>.</summary>
    internal sealed record Push(Register Source) : Instruction;

    /// <summary><c>pop register</c>.</summary>
    internal sealed record Pop(Register Target) : Instruction;

    /// <summary><c>mov register, [address]</c>: 64 bits.</summary>
    internal sealed record Load(Register Target, Address Source) : Instruction;

    /// <summary><c>lea register, [address]</c>.</summary>
    internal sealed record LoadAddress(Register Target, Address Source) : Instruction;

    /// <summary><c>add register, register</c>.</summary>
    internal sealed record Add(Register Target, Register Source) : Instruction;

    /// <summary><c>add register, constant</c>.</summary>
    internal sealed record AddConstant(Register Target, int Value) : Instruction;

    /// <summary><c>sub register, constant</c>; decides the <see cref="JumpIfNotZero"/> behind it.</summary>
    internal sealed record SubtractConstant(Register Target, int Value) : Instruction;

    /// <summary>The place a jump goes to; no code.</summary>
    internal sealed record Label(string Name) : Instruction;

    /// <summary><c>jnz label</c>, backward.</summary>
    internal sealed record JumpIfNotZero(string Name) : Instruction;

    /// <summary><c>vmovdqu32 zmm, [address]</c>.</summary>
    internal sealed record LoadVector(int Target, Address Source) : Instruction;

    /// <summary><c>vmovdqu32 [address], zmm</c>.</summary>
    internal sealed record StoreVector(Address Target, int Source) : Instruction;

    /// <summary><c>vpbroadcastd zmm, [address]</c>: the same 4 bytes in all 16 lanes.</summary>
    internal sealed record BroadcastQuad(int Target, Address Source) : Instruction;

    /// <summary><c>vpdpbusd sum, unsigned, signed</c>: in each of 16 lanes the sum of 4 products of an unsigned and a signed byte, added without saturation.</summary>
    internal sealed record AddDotProducts(int Sum, int Unsigned, int Signed) : Instruction;

    /// <summary><c>vzeroupper</c>: clears all but the low 128 bits of vectors 0 to 15, so that old instructions behind it are not slow.</summary>
    internal sealed record ZeroUpper : Instruction;

    /// <summary><c>ret</c>.</summary>
    internal sealed record Return : Instruction;
}
