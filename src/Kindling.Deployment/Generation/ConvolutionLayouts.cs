using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation;

/// <summary>The layouts of all convolutions of a network that the fast kernels can compute; the others are left to the plain kernels.</summary>
internal sealed class ConvolutionLayouts
{
    private readonly Dictionary<Node, PackedConvolution> _convolutions = [];
    private readonly Dictionary<Node, PackedDepthwise> _depthwise = [];

    public ConvolutionLayouts(Graph network)
    {
        foreach (var node in network.Nodes)
        {
            if (node.Operator is Conv2D conv && PackedConvolution.Create(node, conv) is { } convolution)
                _convolutions.Add(node, convolution);
            else if (node.Operator is DepthwiseConv2D depthwise && PackedDepthwise.Create(node, depthwise) is { } layout)
                _depthwise.Add(node, layout);
        }
    }

    /// <summary>Scratch for which a depthwise convolution takes more rows in one go; at least one row is always taken.</summary>
    public long PreferredScratchBytes { get; set; }

    /// <summary>The layout of a convolution, or null.</summary>
    public PackedConvolution? Convolution(Node node) => _convolutions.GetValueOrDefault(node);

    /// <summary>The layout of a depthwise convolution, or null.</summary>
    public PackedDepthwise? Depthwise(Node node) => _depthwise.GetValueOrDefault(node);

    /// <summary>Bytes of the arena a node needs while it runs.</summary>
    public long ScratchBytes(Node node) => Convolution(node)?.ScratchBytes ?? Depthwise(node)?.ScratchBytes(BlockRows(node)) ?? 0;

    /// <summary>Bytes of the arena a node needs while it computes at most so many rows at a time.</summary>
    public long ScratchBytes(Node node, int rows) => Convolution(node)?.ScratchBytes ?? Depthwise(node)?.ScratchBytes(rows) ?? 0;

    /// <summary>Rows of outputs that a depthwise convolution computes in one go.</summary>
    public int BlockRows(Node node) => _depthwise[node].BlockRows(PreferredScratchBytes);
}
