using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tensors;

namespace Kindling.Quantization.Rounding;

/// <summary>Products of large matrices on the kernel of the fully connected layer.</summary>
internal static class MatrixProduct
{
    /// <summary>a times b transposed.</summary>
    /// <param name="a"><c>[rows, inner]</c>.</param>
    /// <param name="rows">Rows of a.</param>
    /// <param name="b"><c>[columns, inner]</c>.</param>
    /// <param name="columns">Rows of b.</param>
    /// <param name="threads">Threads; 0 takes one for each processor.</param>
    /// <returns><c>[rows, columns]</c>.</returns>
    public static float[] Transposed(float[] a, int rows, float[] b, int columns, int threads)
    {
        var inner = a.Length / rows;
        var x = new Value("a", ElementType.Float32, new Shape(1, inner));
        var y = new Value("product", ElementType.Float32, new Shape(1, columns));
        var weights = new Value("b", Tensor.From<float>(new Shape(columns, inner), b));
        var graph = new Graph("product", [x], [y], [new Node("product", new Dense(), [x, weights], y)]);
        using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = rows, Threads = threads });
        a.CopyTo(executor.Input<float>());
        executor.Run();
        return executor.Output<float>().ToArray();
    }

    /// <summary>Turns <c>[rows, columns]</c> into <c>[columns, rows]</c>.</summary>
    public static float[] Transpose(float[] matrix, int rows)
    {
        var columns = matrix.Length / rows;
        var turned = new float[matrix.Length];
        const int tile = 16;
        for (var r = 0; r < rows; r += tile)
        {
            for (var c = 0; c < columns; c += tile)
            {
                for (var i = r; i < Math.Min(rows, r + tile); i++)
                {
                    for (var j = c; j < Math.Min(columns, c + tile); j++)
                        turned[(j * rows) + i] = matrix[(i * columns) + j];
                }
            }
        }

        return turned;
    }
}
