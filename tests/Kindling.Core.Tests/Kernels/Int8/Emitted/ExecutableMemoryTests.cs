using System.Globalization;
using System.Runtime.InteropServices;
using Kindling.Kernels.Int8.Emitted;

namespace Kindling.Tests.Kernels.Int8.Emitted;

/// <summary>Code in executable memory runs, on any x86-64 Linux: a loop of the instructions that need no AVX-512.</summary>
public sealed unsafe class ExecutableMemoryTests
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(1000, 7)]
    [InlineData(3, -5_000_000_000)]
    public void A_loop_of_integer_instructions(long turns, long step)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("not an x86-64 Linux");
        // After the loop: turns * (step + 300) + 4 * step + 8.
        var code = ExecutableMemory.Load(X64Encoder.Encode(
        [
            new Instruction.Push(Register.R12),
            new Instruction.Load(Register.R12, new Address(Register.Rdi)),
            new Instruction.Load(Register.Rcx, new Address(Register.Rdi, 8)),
            new Instruction.LoadAddress(Register.Rax, new Address(Register.Rsi, 8, Register.Rcx, 4)),
            new Instruction.Label("turn"),
            new Instruction.Add(Register.Rax, Register.Rcx),
            new Instruction.AddConstant(Register.Rax, 300),
            new Instruction.SubtractConstant(Register.R12, 1),
            new Instruction.JumpIfNotZero("turn"),
            new Instruction.Pop(Register.R12),
            new Instruction.Return(),
        ]));
        Assert.NotEqual(0, code);
        var arguments = stackalloc long[] { turns, step };
        Assert.Equal((turns * (step + 300)) + (4 * step) + 8, ((delegate* unmanaged[SuppressGCTransition]<long*, long, long>)code)(arguments, 0));
    }

    [Fact]
    public void Code_is_not_writable()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Skip("not an x86-64 Linux");
        var code = ExecutableMemory.Load(X64Encoder.Encode([new Instruction.Return()]));
        // The kernel joins neighbouring mappings of the same rights, so the page need not begin one.
        var mapping = Assert.Single(File.ReadAllLines("/proc/self/maps"), line =>
        {
            var ends = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-').Select(e => nint.Parse(e, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
            return ends[0] <= code && code < ends[1];
        });
        Assert.Contains(" r-xp ", mapping, StringComparison.Ordinal);
    }
}
