namespace Kindling.Graphs.Operators;

/// <summary>Rows and columns: a kernel's size, a stride, a dilation.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size2D(int Height, int Width)
{
    /// <summary>The same number of rows and columns.</summary>
    public static implicit operator Size2D(int side) => new(side, side);

    /// <summary>The same number of rows and columns.</summary>
    public static Size2D FromInt32(int side) => new(side, side);

    /// <inheritdoc/>
    public override string ToString() => $"{Height}x{Width}";
}
