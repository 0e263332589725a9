namespace Kindling.Execution;

/// <summary>
/// One compiled operator: bound to its memory, cut into chunks that write disjoint outputs, so that any thread may run any chunk
/// in any order and the result stays the same to the bit.
/// </summary>
public abstract unsafe class Kernel
{
    /// <summary>The number of independent pieces of work.</summary>
    public abstract int Chunks { get; }

    /// <summary>Bytes of scratch memory a thread needs while it runs a chunk (64-byte aligned).</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>Lays constants out for the inner loop. Called once before the first run and again whenever the constants changed.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>Runs one piece. Never allocates.</summary>
    /// <param name="chunk">0 to below <see cref="Chunks"/>.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/> bytes that belong to this thread.</param>
    public abstract void Run(int chunk, byte* scratch);
}
