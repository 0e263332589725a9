namespace Kindling.Formats.Safetensors;

/// <summary>The element types of safetensors that Kindling reads and writes.</summary>
public enum SafetensorsType
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Signed 64-bit integer.</summary>
    I64,
}

/// <summary>Sizes of the element types.</summary>
public static class SafetensorsTypes
{
    /// <summary>Bytes one element takes.</summary>
    public static int Size(this SafetensorsType type) => type switch
    {
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.I64 => 8,
        SafetensorsType.F16 => 2,
        SafetensorsType.I8 or SafetensorsType.U8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
