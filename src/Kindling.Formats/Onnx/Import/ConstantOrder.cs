using System.Runtime.InteropServices;
using Kindling.Tensors;

namespace Kindling.Formats.Onnx.Import;

/// <summary>Copies constants into another order, or repeated.</summary>
internal static class ConstantOrder
{
    /// <summary>A tensor whose elements, taken row by row over <paramref name="sizes"/>, come from <paramref name="source"/> at the given strides.</summary>
    public static Tensor Gather(Tensor source, Shape shape, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides)
    {
        var target = new Tensor(source.Type, shape);
        switch (source.Type.Size())
        {
            case 1:
                Copy<byte>(source.Bytes, target.Bytes, sizes, strides);
                break;
            case 4:
                Copy<int>(source.Bytes, target.Bytes, sizes, strides);
                break;
            default:
                Copy<long>(source.Bytes, target.Bytes, sizes, strides);
                break;
        }

        return target;
    }

    /// <summary>A tensor with its dimensions in another order.</summary>
    public static Tensor Transpose(Tensor source, ReadOnlySpan<int> permutation)
    {
        var strides = Strides(source.Shape.AsSpan());
        var (sizes, steps) = (new int[permutation.Length], new int[permutation.Length]);
        for (var i = 0; i < sizes.Length; i++)
            (sizes[i], steps[i]) = (source.Shape[permutation[i]], strides[permutation[i]]);
        return Gather(source, new Shape(sizes), sizes, steps);
    }

    /// <summary>How far apart neighbours lie along each dimension.</summary>
    public static int[] Strides(ReadOnlySpan<int> shape)
    {
        var strides = new int[shape.Length];
        var stride = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    private static void Copy<T>(Span<byte> sourceBytes, Span<byte> targetBytes, ReadOnlySpan<int> sizes, ReadOnlySpan<int> strides)
        where T : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, T>(sourceBytes);
        var target = MemoryMarshal.Cast<byte, T>(targetBytes);
        var index = new int[sizes.Length];
        var position = 0;
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = source[position];
            for (var d = sizes.Length - 1; d >= 0; d--)
            {
                position += strides[d];
                if (++index[d] < sizes[d])
                    break;
                position -= strides[d] * sizes[d];
                index[d] = 0;
            }
        }
    }
}
