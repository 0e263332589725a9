namespace Kindling.Training;

/// <summary>What a network took from a donor.</summary>
/// <param name="Donor">Where the weights came from.</param>
/// <param name="Tensors">Tensors taken.</param>
/// <param name="Parameters">Their elements.</param>
/// <param name="Head">The layer that keeps its fresh weights; null when the network has none.</param>
/// <param name="Unused">Tensors of the donor that the network has no place for.</param>
public sealed record TransferReport(string Donor, int Tensors, long Parameters, string? Head, IReadOnlyList<string> Unused)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var unused = Unused.Count == 0 ? "" : $"; {Unused.Count} of the donor's are unused: {string.Join(", ", Unused.Take(3))}{(Unused.Count > 3 ? ", …" : "")}";
        return FormattableString.Invariant($"took {Tensors} tensors ({Parameters:N0} parameters) from {Donor}; {Head ?? "nothing"} starts afresh{unused}");
    }
}
