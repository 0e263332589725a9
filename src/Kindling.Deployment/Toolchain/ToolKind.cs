namespace Kindling.Deployment;

/// <summary>The programs that compile and run C for the boards.</summary>
public enum ToolKind
{
    /// <summary>The cross compiler <c>arm-none-eabi-gcc</c>, with newlib.</summary>
    ArmCompiler,

    /// <summary>The simulator <c>qemu-system-arm</c>.</summary>
    Emulator,

    /// <summary>This machine's own C compiler.</summary>
    HostCompiler,

    /// <summary>The cross compiler for Linux on Arm, <c>arm-linux-gnueabihf-gcc</c>, with its C library.</summary>
    LinuxCompiler,

    /// <summary>The simulator of Linux programs for Arm, <c>qemu-arm</c>.</summary>
    LinuxEmulator,
}
