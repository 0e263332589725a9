using System.Runtime.InteropServices;
using Kindling.Formats.Onnx.Schema;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>Tensors of the file in every form the format has: raw bytes, typed lists, external files; half and double precision become single.</summary>
internal sealed class OnnxTensorReader(string file, ExternalData external)
{
    private const int External = 1;

    /// <summary>Reads a tensor; sizes are checked before memory is taken.</summary>
    public Tensor Read(TensorProto tensor)
    {
        var shape = ShapeOf(tensor);
        var type = (OnnxDataType)tensor.DataType;
        var size = SizeOf(tensor, type);
        var bytes = (long)shape.ElementCount * size;
        if (tensor.DataLocation == External)
            return FromRaw(type, shape, external.Read(tensor, bytes));
        if (tensor.RawData.Length > 0 || bytes == 0)
        {
            if (tensor.RawData.Length != bytes)
                throw Fault(tensor, $"of {shape} takes {bytes} bytes, the file has {tensor.RawData.Length}");
            return FromRaw(type, shape, tensor.RawData.Span);
        }

        return FromFields(tensor, type, shape);
    }

    private static Tensor FromRaw(OnnxDataType type, Shape shape, ReadOnlySpan<byte> raw) => type switch
    {
        OnnxDataType.Float => Tensor.FromBytes(ElementType.Float32, shape, raw),
        OnnxDataType.Double => Convert<double, float>(shape, raw, v => (float)v),
        OnnxDataType.Float16 => Convert<Half, float>(shape, raw, v => (float)v),
        OnnxDataType.BFloat16 => Convert<ushort, float>(shape, raw, v => BitConverter.Int32BitsToSingle(v << 16)),
        OnnxDataType.Int8 => Tensor.FromBytes(ElementType.Int8, shape, raw),
        OnnxDataType.UInt8 or OnnxDataType.Bool => Tensor.FromBytes(ElementType.UInt8, shape, raw),
        OnnxDataType.Int16 => Convert<short, int>(shape, raw, v => v),
        OnnxDataType.UInt16 => Convert<ushort, int>(shape, raw, v => v),
        OnnxDataType.Int32 => Tensor.FromBytes(ElementType.Int32, shape, raw),
        OnnxDataType.UInt32 => Convert<uint, long>(shape, raw, v => v),
        _ => Tensor.FromBytes(ElementType.Int64, shape, raw),
    };

    private static Tensor Convert<TFrom, TTo>(Shape shape, ReadOnlySpan<byte> raw, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(raw);
        var tensor = new Tensor(ElementTypes.Of<TTo>(), shape);
        var target = tensor.AsSpan<TTo>();
        for (var i = 0; i < target.Length; i++)
            target[i] = convert(source[i]);
        return tensor;
    }

    private Tensor FromFields(TensorProto tensor, OnnxDataType type, Shape shape) => type switch
    {
        OnnxDataType.Float => Fill(tensor, shape, tensor.FloatData, v => v),
        OnnxDataType.Double => Fill(tensor, shape, tensor.DoubleData, v => (float)v),
        OnnxDataType.Float16 => Fill(tensor, shape, tensor.Int32Data, v => (float)BitConverter.UInt16BitsToHalf(unchecked((ushort)v))),
        OnnxDataType.BFloat16 => Fill(tensor, shape, tensor.Int32Data, v => BitConverter.Int32BitsToSingle(v << 16)),
        OnnxDataType.Int8 => Fill(tensor, shape, tensor.Int32Data, v => unchecked((sbyte)v)),
        OnnxDataType.UInt8 or OnnxDataType.Bool => Fill(tensor, shape, tensor.Int32Data, v => unchecked((byte)v)),
        OnnxDataType.Int16 or OnnxDataType.UInt16 or OnnxDataType.Int32 => Fill(tensor, shape, tensor.Int32Data, v => v),
        OnnxDataType.Int64 => Fill(tensor, shape, tensor.Int64Data, v => v),
        _ => throw Fault(tensor, $"of type {tensor.DataType} has no raw data"),
    };

    private Tensor Fill<TFrom, TTo>(TensorProto tensor, Shape shape, IReadOnlyList<TFrom> source, Func<TFrom, TTo> convert)
        where TTo : unmanaged
    {
        if (source.Count != shape.ElementCount)
            throw Fault(tensor, $"of {shape} takes {shape.ElementCount} elements, the file has {source.Count}");
        var result = new Tensor(ElementTypes.Of<TTo>(), shape);
        var target = result.AsSpan<TTo>();
        for (var i = 0; i < target.Length; i++)
            target[i] = convert(source[i]);
        return result;
    }

    private Shape ShapeOf(TensorProto tensor)
    {
        if (tensor.Dims.Count > OnnxLimits.LargestRank)
            throw Fault(tensor, $"has {tensor.Dims.Count} dimensions");
        long count = 1;
        foreach (var d in tensor.Dims)
        {
            if (d < 0 || d > int.MaxValue || (count *= d) > int.MaxValue)
                throw Fault(tensor, $"has the extents [{string.Join(", ", tensor.Dims)}]");
        }

        return new Shape([.. tensor.Dims.Select(d => (int)d)]);
    }

    private int SizeOf(TensorProto tensor, OnnxDataType type) => type switch
    {
        OnnxDataType.Float or OnnxDataType.Int32 or OnnxDataType.UInt32 => 4,
        OnnxDataType.Double or OnnxDataType.Int64 or OnnxDataType.UInt64 => 8,
        OnnxDataType.Float16 or OnnxDataType.BFloat16 or OnnxDataType.Int16 or OnnxDataType.UInt16 => 2,
        OnnxDataType.Int8 or OnnxDataType.UInt8 or OnnxDataType.Bool => 1,
        _ => throw Fault(tensor, $"has element type {tensor.DataType}, which is not supported"),
    };

    private ModelFormatException Fault(TensorProto tensor, string problem) => new($"{file}: tensor {tensor.Name} {problem}");
}
