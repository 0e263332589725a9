namespace Kindling.Kernels.Int8.Emitted;

/// <summary>One tile, ready to run.</summary>
internal abstract unsafe class DotTile
{
    /// <summary>Computes the sums. Nothing is checked: the caller answers for every address.</summary>
    public abstract void Run(DotTileArguments* arguments);
}
