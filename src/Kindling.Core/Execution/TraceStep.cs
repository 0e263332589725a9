using Kindling.Tensors;

namespace Kindling.Execution;

/// <summary>What one operator answered in a traced run.</summary>
/// <param name="Operator">The operator as TFLite spells it.</param>
/// <param name="Name">The name of the value it produced.</param>
/// <param name="Shape">The value's shape.</param>
/// <param name="Crc32">CRC-32 (zlib's) of the value's bytes, row-major and little-endian.</param>
/// <param name="Min">The smallest element as stored (quantized values are not scaled).</param>
/// <param name="Max">The largest element as stored.</param>
public sealed record TraceStep(string Operator, string Name, Shape Shape, uint Crc32, double Min, double Max);
