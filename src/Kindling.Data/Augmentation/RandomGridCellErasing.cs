using Kindling.Numerics;

namespace Kindling.Data.Augmentation;

/// <summary>Covers cells of a grid.</summary>
internal sealed class RandomGridCellErasing : PixelAugmentation
{
    private static readonly AugmentationParameter CellsX =
        new("ncells_x", AugmentationParameterKind.Integer, "Cells a row of the grid.") { Default = 5, Minimum = 1, Maximum = 1000 };

    private static readonly AugmentationParameter CellsY =
        new("ncells_y", AugmentationParameterKind.Integer, "Cells a column of the grid.") { Default = 5, Minimum = 1, Maximum = 1000 };

    private static readonly AugmentationParameter Probability =
        new("erasing_prob", AugmentationParameterKind.Number, "Probability that a cell is covered.") { Default = 0.2, Minimum = 0, Maximum = 1 };

    private readonly int _cellsX;
    private readonly int _cellsY;
    private readonly float _probability;
    private readonly EraseFill _fill;

    private RandomGridCellErasing(AugmentationArguments arguments)
    {
        _cellsX = arguments.Integer(CellsX);
        _cellsY = arguments.Integer(CellsY);
        _fill = EraseFill.Read(arguments);
        _probability = arguments.Number(Probability);
    }

    public static AugmentationFunction Function { get; } = new(
        "random_grid_cell_erasing", "Covers cells of a grid.", 1, [CellsX, CellsY, .. EraseFill.Parameters, Probability], arguments => new RandomGridCellErasing(arguments));

    public override void Apply(Span<float> values, ImageDomain domain, in AugmentationKey key, ref RandomStream random, ref RandomStream batch)
    {
        for (int row = 0; row < _cellsY; row++)
        {
            (int top, int bottom) = (row * domain.Height / _cellsY, (row + 1) * domain.Height / _cellsY);
            for (int column = 0; column < _cellsX; column++)
            {
                (int left, int right) = (column * domain.Width / _cellsX, (column + 1) * domain.Width / _cellsX);
                if (random.Chance(_probability))
                    _fill.Apply(values, domain, new PixelBox(top, left, bottom - top, right - left), ref random);
            }
        }
    }
}
