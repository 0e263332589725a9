using Kindling.Graphs;
using Kindling.Quantization.Estimators;

namespace Kindling.Quantization;

/// <summary>An int8 network and how it came about.</summary>
/// <param name="Graph">The int8 network; its activations have the names of those of <paramref name="FloatGraph"/>.</param>
/// <param name="FloatGraph">The float network it was made from, folded layer for layer as the int8 one is.</param>
/// <param name="Activations">What each activation became, in the order of the network.</param>
/// <param name="Images">Calibration images seen.</param>
public sealed record QuantizationResult(Graph Graph, Graph FloatGraph, IReadOnlyList<QuantizedActivation> Activations, int Images)
{
    /// <summary>The layers whose channels were split into pieces, in the order of the network.</summary>
    public IReadOnlyList<SplitLayer> Splits { get; init; } = [];
}

/// <summary>One activation before and after quantization.</summary>
/// <param name="Name">The value's name.</param>
/// <param name="Calibrated">The range seen while calibrating.</param>
/// <param name="Quantization">The scale and zero point chosen.</param>
public sealed record QuantizedActivation(string Name, ActivationRange Calibrated, Tensors.Quantization Quantization);

/// <summary>A layer whose channels were split into pieces of their range.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Channels">Its channels before.</param>
/// <param name="Pieces">Pieces of each.</param>
/// <param name="AddedMacs">Multiply-accumulates that the pieces add, in the layer and in those that read it.</param>
/// <param name="AddedParameters">Weights (a byte each in int8) and biases (four bytes) that the pieces add there.</param>
public sealed record SplitLayer(string Name, int Channels, int Pieces, long AddedMacs, long AddedParameters);
