using System.Runtime.InteropServices;

namespace Kindling.Kernels.Int8.Emitted;

/// <summary>Machine code that stays for the life of the process. Its pages are never writable and executable at once.</summary>
internal static unsafe partial class ExecutableMemory
{
    private const int ProtectRead = 1;
    private const int ProtectWrite = 2;
    private const int ProtectExecute = 4;
    private const int MapPrivateAnonymous = 0x22;
    private const nint Failed = -1;

    /// <summary>Copies code into executable pages of its own; 0 where the host has no such memory to give (Linux only).</summary>
    public static nint Load(ReadOnlySpan<byte> code)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var length = (nuint)code.Length;
        var address = Map(0, length, ProtectRead | ProtectWrite, MapPrivateAnonymous, -1, 0);
        if (address == Failed)
            return 0;
        code.CopyTo(new Span<byte>((void*)address, code.Length));
        if (Protect(address, length, ProtectRead | ProtectExecute) == 0)
            return address;
        _ = Unmap(address, length);
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
