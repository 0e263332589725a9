using System.Runtime.InteropServices;

namespace Kindling.Execution;

/// <summary>A block of unmanaged memory, 64-byte aligned and zeroed, with slack behind it for vector loads.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;
    private const int Slack = 256;
    private void* _data;

    /// <summary>Allocates the block.</summary>
    public NativeBuffer(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Length = bytes;
        _data = NativeMemory.AlignedAlloc((nuint)(bytes + Slack), Alignment);
        NativeMemory.Clear(_data, (nuint)(bytes + Slack));
    }

    /// <summary>Frees the block if nobody did.</summary>
    ~NativeBuffer() => Free();

    /// <summary>Usable bytes.</summary>
    public long Length { get; }

    /// <summary>Address of the first byte.</summary>
    public nint Address => _data != null ? (nint)_data : throw new ObjectDisposedException(nameof(NativeBuffer));

    /// <summary>The address as bytes.</summary>
    public byte* Bytes => (byte*)Address;

    /// <summary>The address as floats.</summary>
    public float* Floats => (float*)Address;

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
    }
}
