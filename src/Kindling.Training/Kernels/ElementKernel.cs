using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>A kernel over equal items without order among them, cut into chunks of neighbours.</summary>
internal abstract unsafe class ElementKernel : Kernel
{
    /// <summary>Elements a chunk takes: fits the second-level cache several times.</summary>
    public const int ElementsOfChunk = 1 << 14;

    private readonly int _items;
    private readonly int _itemsOfChunk;

    /// <summary>Cuts <paramref name="items"/> items of <paramref name="elements"/> elements each.</summary>
    protected ElementKernel(int items, int elements = 1)
    {
        _items = items;
        _itemsOfChunk = Math.Max(1, ElementsOfChunk / Math.Max(1, elements));
    }

    /// <inheritdoc/>
    public override int Chunks => (_items + _itemsOfChunk - 1) / _itemsOfChunk;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var first = chunk * _itemsOfChunk;
        Run(first, Math.Min(_items, first + _itemsOfChunk));
    }

    /// <summary>Runs items <paramref name="first"/> to below <paramref name="last"/>.</summary>
    protected abstract void Run(int first, int last);
}
