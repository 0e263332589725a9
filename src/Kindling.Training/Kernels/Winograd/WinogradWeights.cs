using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Kernels.Float.Convolution;
using Kindling.Kernels.Float.Simd;

namespace Kindling.Training.Kernels.Winograd;

/// <summary>A panel of transformed weights: a block of output channels, <c>[36][inputs][width]</c>.</summary>
/// <param name="Tiles">The register tiles that work on it.</param>
/// <param name="First">Its first output channel.</param>
internal sealed record WinogradPanel(ConvTileSet Tiles, int First);

/// <summary>Transforms the weights of a 3x3 convolution, or of the one that gives its input's gradient. A chunk is 16 inputs times 16 outputs as stored.</summary>
internal sealed unsafe class WinogradWeights : Kernel
{
    private readonly TensorView _weights;
    private readonly bool _isTransposed;
    private readonly float* _panels;

    /// <summary>Lays panels out.</summary>
    /// <param name="weights"><c>[O, 3, 3, I]</c>, both multiples of 16.</param>
    /// <param name="panels">Memory for 36 floats for each pair of channels.</param>
    /// <param name="isTransposed">True for the convolution from O to I channels with the window turned by 180 degrees.</param>
    public WinogradWeights(TensorView weights, TensorView panels, bool isTransposed)
    {
        _weights = weights;
        _isTransposed = isTransposed;
        (Outputs, Inputs) = isTransposed ? (weights.Shape[3], weights.Shape[0]) : (weights.Shape[0], weights.Shape[3]);
        var sets = ConvTileSet.For(VectorWidths.Best);
        var all = new List<WinogradPanel>();
        for (var first = 0; first < Outputs;)
        {
            var set = sets[0].Width <= Outputs - first ? sets[0] : sets[1];
            all.Add(new WinogradPanel(set, first));
            first += set.Width;
        }

        Panels = all;
        _panels = panels.Floats;
    }

    /// <summary>Output channels.</summary>
    public int Outputs { get; }

    /// <summary>Input channels.</summary>
    public int Inputs { get; }

    /// <summary>The panels in order.</summary>
    public IReadOnlyList<WinogradPanel> Panels { get; }

    /// <inheritdoc/>
    public override int Chunks => _weights.Shape[0] / 16 * (_weights.Shape[3] / 16);

    /// <inheritdoc/>
    public override int ScratchBytes => (9 + (2 * WinogradTransforms.Places)) * 16 * sizeof(float);

    /// <summary>The weights of a panel at one place, from one input on.</summary>
    public float* At(WinogradPanel panel, int place, int input) =>
        _panels + ((nint)panel.First * WinogradTransforms.Places * Inputs) + ((((nint)place * Inputs) + input) * panel.Tiles.Width);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int chunk, byte* scratch)
    {
        var stored = _weights.Shape[3];
        var (row, column) = Math.DivRem(chunk, stored / 16);
        var window = (float*)scratch;
        var places = window + (9 * 16);
        var rest = places + WinogradTransforms.ScratchFloats;
        for (var lane = 0; lane < 16; lane++)
        {
            // The vectors' lanes are outputs: stored inputs when transposed.
            var (first, other) = _isTransposed ? (column * 16, (row * 16) + lane) : (row * 16, (column * 16) + lane);
            if (_isTransposed)
            {
                for (var tap = 0; tap < 9; tap++)
                    Vector512.Load(_weights.Floats + ((((nint)other * 9) + 8 - tap) * stored) + first).Store(window + (tap * 16));
            }
            else
            {
                var source = _weights.Floats + ((nint)first * 9 * stored) + other;
                for (var i = 0; i < 9 * 16; i++, source += stored)
                    window[(i % 9 * 16) + (i / 9)] = *source;
            }

            WinogradTransforms.Weights(window, places, rest);
            var panel = PanelOf(first);
            var target = At(panel, 0, other) + (first - panel.First);
            for (var place = 0; place < WinogradTransforms.Places; place++, target += (nint)Inputs * panel.Tiles.Width)
                Vector512.Load(places + (place * 16)).Store(target);
        }
    }

    private WinogradPanel PanelOf(int output)
    {
        var index = Panels.Count - 1;
        while (Panels[index].First > output)
            index--;
        return Panels[index];
    }
}
