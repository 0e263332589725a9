namespace Kindling.Kernels.Float.Convolution;

/// <summary>One panel: a block of output channels with its bias and its weights <c>[taps][width]</c>.</summary>
/// <param name="Tiles">The tiles that work on it.</param>
/// <param name="First">Its first output channel.</param>
/// <param name="Outputs">Output channels in use; the rest of the width is zero.</param>
/// <param name="Offset">Floats from the start of the packed memory to its bias; the weights follow.</param>
internal sealed record ConvPanel(ConvTileSet Tiles, int First, int Outputs, int Offset)
{
    public bool IsFull => Outputs == Tiles.Width;
}
