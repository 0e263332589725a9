using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Kindling.Kernels.Int8.Emitted;

/// <summary>
/// The tiles as machine code, emitted once for the process: .NET has no class for AVX-512 VNNI. The code depends on nothing but the tiles' sizes.
/// </summary>
internal static unsafe class EmittedCode
{
    /// <summary>Environment variable that, set to 1, keeps the process from emitting code.</summary>
    public const string Variable = "KINDLING_NO_EMIT";

    /// <summary>Switch of <see cref="AppContext"/> that, true, keeps the process from emitting code.</summary>
    public const string Switch = "Kindling.NoEmit";

    private const int CodeAlignment = 64;
    private const int FeatureLeaf = 7;
    private const int VnniBit = 11;
    private static readonly Lazy<DotTiles?> Loaded = new(Load);

    /// <summary>The tiles, or null where the processor lacks the instructions, the host forbids executable pages, or the user forbade it.</summary>
    public static DotTiles? Tiles => Loaded.Value;

    /// <summary>True when the processor has <c>vpdpbusd</c> on 512-bit registers and the operating system saves them.</summary>
    public static bool HasInstructions =>
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && X86Base.CpuId(0, 0).Eax >= FeatureLeaf && ((X86Base.CpuId(FeatureLeaf, 0).Ecx >> VnniBit) & 1) != 0;

    private static bool IsForbidden =>
        Environment.GetEnvironmentVariable(Variable) == "1" || (AppContext.TryGetSwitch(Switch, out var isOn) && isOn);

    private static DotTiles? Load()
    {
        if (!HasInstructions || IsForbidden)
            return null;
        var code = new List<byte>();
        var offsets = new Dictionary<(int Pixels, int Vectors), int>();
        foreach (var (pixels, vectors) in DotTiles.Sizes)
        {
            offsets.Add((pixels, vectors), code.Count);
            code.AddRange(X64Encoder.Encode(DotTileProgram.Create(pixels, vectors)));
            code.AddRange(new byte[(CodeAlignment - (code.Count % CodeAlignment)) % CodeAlignment]);
        }

        var address = ExecutableMemory.Load(CollectionsMarshal.AsSpan(code));
        return address == 0 ? null : new DotTiles((pixels, vectors) => new NativeTile(address + offsets[(pixels, vectors)]));
    }

    private sealed class NativeTile(nint code) : DotTile
    {
        // A tile takes microseconds and calls nothing, so the garbage collector may wait for it.
        public override void Run(DotTileArguments* arguments) => ((delegate* unmanaged[SuppressGCTransition]<DotTileArguments*, void>)code)(arguments);
    }
}
