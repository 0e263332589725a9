using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Partial weight gradients of a whole batch. A chunk is one part's pixels times one group of column tiles.</summary>
internal sealed unsafe class ConvWeightGradientKernel(WeightGradientLayout layout, TensorView x, TensorView dy, TensorView partials) : Kernel
{
    private readonly ConvWeightGradientSums _work = new(layout, x, dy);

    /// <inheritdoc/>
    public override int Chunks => layout.Parts * layout.Groups;

    /// <inheritdoc/>
    public override int ScratchBytes => _work.ScratchBytes;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (part, group) = Math.DivRem(chunk, layout.Groups);
        var firstColumn = layout.ColumnTiles * group / layout.Groups * 32;
        var lastColumn = Math.Min(layout.Columns, layout.ColumnTiles * (group + 1) / layout.Groups * 32);
        var sums = partials.Floats + ((nint)part * _work.SumFloats);
        for (var row = 0; row <= layout.Rows; row++)
            new Span<float>(sums + ((nint)row * layout.Columns) + firstColumn, lastColumn - firstColumn).Clear();
        var first = (int)((long)layout.Lines * part / layout.Parts);
        var last = (int)((long)layout.Lines * (part + 1) / layout.Parts);
        _work.Add(x.Floats, dy.Floats, first, last, firstColumn, lastColumn, sums, scratch);
    }
}
