namespace Kindling.Training.Planning;

/// <summary>Memory a training step needs: placed in the arena by its lifetime, or outside it (parameters) with a fixed address.</summary>
internal sealed class PlannedBuffer(string name, long bytes)
{
    /// <summary>What it holds.</summary>
    public string Name { get; } = name;

    /// <summary>Its size.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>The first step that touches it.</summary>
    public int First { get; private set; } = int.MaxValue;

    /// <summary>The last step that touches it.</summary>
    public int Last { get; private set; } = -1;

    /// <summary>Where it lies; known once the plan is placed.</summary>
    public nint Address { get; set; }

    /// <summary>True when it lies outside the arena.</summary>
    public bool IsExternal { get; init; }

    /// <summary>Says that a step reads or writes it.</summary>
    public void Touch(int step)
    {
        First = Math.Min(First, step);
        Last = Math.Max(Last, step);
    }
}
