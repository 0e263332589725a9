using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Formats.Weights;

/// <summary>Turns kernels of other layouts into Kindling's.</summary>
internal static class KernelLayout
{
    /// <summary>The kernel as the operator takes it; its shape need not fit the graph. A dense matrix and a 1x1 convolution stand for each other.</summary>
    public static Tensor For(Operator op, Tensor kernel, WeightLayout layout) => op switch
    {
        Conv2D => Convolution(kernel, layout),
        DepthwiseConv2D => Depthwise(kernel, layout),
        _ => Dense(kernel, layout),
    };

    private static Tensor Convolution(Tensor kernel, WeightLayout layout) => (kernel.Shape.Rank, layout) switch
    {
        (4, WeightLayout.Keras) => Permute(kernel, 3, 0, 1, 2),
        (4, WeightLayout.Caffe) => Permute(kernel, 0, 2, 3, 1),
        (2, _) => Pointwise(Dense(kernel, layout)),
        _ => kernel,
    };

    private static Tensor Depthwise(Tensor kernel, WeightLayout layout)
    {
        var s = kernel.Shape;
        return layout switch
        {
            WeightLayout.Keras when s.Rank == 4 && s[3] == 1 => kernel.Reshape(new Shape(s[0], s[1], s[2])),
            WeightLayout.Caffe when s.Rank == 4 && s[1] == 1 => Permute(kernel.Reshape(new Shape(s[0], s[2], s[3])), 1, 2, 0),
            _ => kernel,
        };
    }

    private static Tensor Dense(Tensor kernel, WeightLayout layout)
    {
        if (kernel.Shape.Rank == 2)
            return layout == WeightLayout.Keras ? Permute(kernel, 1, 0) : kernel;
        if (kernel.Shape.Rank != 4)
            return kernel;
        var pointwise = Convolution(kernel, layout);
        return pointwise.Shape[1] == 1 && pointwise.Shape[2] == 1 ? pointwise.Reshape(new Shape(pointwise.Shape[0], pointwise.Shape[3])) : kernel;
    }

    private static Tensor Pointwise(Tensor matrix) => matrix.Reshape(new Shape(matrix.Shape[0], 1, 1, matrix.Shape[1]));

    private static Tensor Permute(Tensor tensor, params ReadOnlySpan<int> order)
    {
        var rank = order.Length;
        var sides = new int[rank];
        var steps = new int[rank];
        for (var i = 0; i < rank; i++)
        {
            sides[i] = tensor.Shape[order[i]];
            steps[i] = 1;
            for (var j = order[i] + 1; j < rank; j++)
                steps[i] *= tensor.Shape[j];
        }

        var result = new Tensor(ElementType.Float32, new Shape(sides));
        var from = tensor.AsSpan<float>();
        var to = result.AsSpan<float>();
        Span<int> index = stackalloc int[rank];
        for (int i = 0, position = 0; i < to.Length; i++)
        {
            to[i] = from[position];
            for (var d = rank - 1; d >= 0; d--)
            {
                position += steps[d];
                if (++index[d] < sides[d])
                    break;
                position -= steps[d] * sides[d];
                index[d] = 0;
            }
        }

        return result;
    }
}
