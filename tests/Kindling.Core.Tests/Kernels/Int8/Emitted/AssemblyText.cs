using System.Diagnostics;
using System.Globalization;
using Kindling.Kernels.Int8.Emitted;

namespace Kindling.Tests.Kernels.Int8.Emitted;

/// <summary>Instructions as text for the GNU assembler, and what it makes of them.</summary>
internal static class AssemblyText
{
    /// <summary>The bytes the GNU assembler gives; skips the test where there is none.</summary>
    public static byte[] Assemble(IEnumerable<Instruction> program)
    {
        var folder = Directory.CreateTempSubdirectory("kindling-as-");
        try
        {
            var (source, compiled, code) = (Path.Combine(folder.FullName, "a.s"), Path.Combine(folder.FullName, "a.o"), Path.Combine(folder.FullName, "a.bin"));
            File.WriteAllText(source, ".intel_syntax noprefix\n.text\n" + string.Join('\n', program.Select(Of)) + "\n");
            Run("as", "--64", source, "-o", compiled);
            Run("objcopy", "-O", "binary", "-j", ".text", compiled, code);
            return File.ReadAllBytes(code);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Of(Instruction instruction) => instruction switch
    {
        Instruction.Push i => $"push {Of(i.Source)}",
        Instruction.Pop i => $"pop {Of(i.Target)}",
        Instruction.Load i => $"mov {Of(i.Target)}, qword ptr {Of(i.Source)}",
        Instruction.LoadAddress i => $"lea {Of(i.Target)}, {Of(i.Source)}",
        Instruction.Add i => $"add {Of(i.Target)}, {Of(i.Source)}",
        Instruction.AddConstant i => $"add {Of(i.Target)}, {i.Value}",
        Instruction.SubtractConstant i => $"sub {Of(i.Target)}, {i.Value}",
        Instruction.Label i => $"{i.Name}:",
        Instruction.JumpIfNotZero i => $"jnz {i.Name}",
        Instruction.LoadVector i => $"vmovdqu32 zmm{i.Target}, zmmword ptr {Of(i.Source)}",
        Instruction.StoreVector i => $"vmovdqu32 zmmword ptr {Of(i.Target)}, zmm{i.Source}",
        Instruction.BroadcastQuad i => $"vpbroadcastd zmm{i.Target}, dword ptr {Of(i.Source)}",
        Instruction.AddDotProducts i => $"vpdpbusd zmm{i.Sum}, zmm{i.Unsigned}, zmm{i.Signed}",
        Instruction.ZeroUpper => "vzeroupper",
        Instruction.Return => "ret",
        _ => throw new NotSupportedException($"{instruction}"),
    };

    private static string Of(Register register) => register.ToString().ToLower(CultureInfo.InvariantCulture);

    private static string Of(Address address) =>
        $"[{Of(address.Base)}{(address.Index is { } index ? $"+{Of(index)}*{address.Scale}" : "")}{address.Displacement:+0;-0;+0}]";

    private static void Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed: apt-get install binutils");
        }
    }
}
