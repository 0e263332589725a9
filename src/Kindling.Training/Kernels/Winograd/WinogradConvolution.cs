using System.Runtime.CompilerServices;
using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float.Convolution;

namespace Kindling.Training.Kernels.Winograd;

/// <summary>
/// A 3x3 convolution with a step of one through 36 small matrix products. Some 1e-6 to 1e-5 of the largest output off plain sums; the same bits for any
/// number of threads. A chunk is a block of tiles.
/// </summary>
internal sealed unsafe class WinogradConvolution : Kernel
{
    private const int ChannelsOfStep = 64;
    private readonly TensorView _x;
    private readonly TensorView _y;
    private readonly WinogradWeights _weights;
    private readonly float* _bias;
    private readonly Padding _padding;
    private readonly (float Min, float Max) _range;
    private readonly bool _adds;
    private readonly WinogradTiling _tiling;
    private readonly int _inputStep;
    private readonly int _outputStep;
    private readonly nint _inputPlane;
    private readonly nint _outputPlane;

    /// <summary>Binds the convolution. The weights are transformed by a kernel of their own before.</summary>
    public WinogradConvolution(
        TensorView x, TensorView y, WinogradWeights weights, float* bias, Padding padding, Activation activation, bool adds)
    {
        _x = x;
        _y = y;
        _weights = weights;
        _bias = bias;
        _padding = padding;
        _range = activation.Range();
        _adds = adds;
        _tiling = new WinogradTiling(y.Shape);
        _inputStep = Math.Min(weights.Inputs, ChannelsOfStep);
        _outputStep = Math.Min(weights.Outputs, ChannelsOfStep);
        _inputPlane = WinogradTiles.PlaneStep(_tiling.MostTiles, _inputStep);
        _outputPlane = WinogradTiles.PlaneStep(_tiling.MostTiles, _outputStep);
        ScratchBytes = checked(
            WinogradTiles.ScratchBytes + (_tiling.MostTiles * sizeof((int, int, int))) + 64
            + (int)(WinogradTransforms.Places * (_inputPlane + _outputPlane) * sizeof(float)));
    }

    /// <inheritdoc/>
    public override int Chunks => _tiling.Blocks;

    /// <inheritdoc/>
    public override int ScratchBytes { get; }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var work = (float*)scratch;
        var inputs = (float*)(scratch + WinogradTiles.ScratchBytes);
        var outputs = inputs + (WinogradTransforms.Places * _inputPlane);
        var tiles = new Span<(int Image, int Row, int Column)>(outputs + (WinogradTransforms.Places * _outputPlane), _tiling.MostTiles);
        tiles = tiles[.._tiling.Tiles(chunk, tiles)];
        for (var output = 0; output < _weights.Outputs; output += _outputStep)
        {
            var outputChannels = Math.Min(_outputStep, _weights.Outputs - output);
            for (var input = 0; input < _weights.Inputs; input += _inputStep)
            {
                var channels = Math.Min(_inputStep, _weights.Inputs - input);
                // With one step the transformed input serves all outputs.
                if (output == 0 || _inputStep < _weights.Inputs)
                    WinogradTiles.Gather(_x, tiles, _padding.Top, _padding.Left, WinogradTransforms.Side, input, channels, inputs, _inputPlane, work);
                Multiply(inputs, outputs, tiles.Length, input, channels, output, outputChannels);
            }

            WinogradTiles.Scatter(
                outputs, _outputPlane, outputChannels, tiles, _bias is null ? null : _bias + output, _range.Min, _range.Max, _adds, _y, output, work);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* inputs, float* outputs, int tiles, int input, int channels, int output, int outputChannels)
    {
        var zeros = stackalloc float[64];
        new Span<float>(zeros, 64).Clear();
        var tile = new ConvTile
        {
            PixelStep = (nint)channels * sizeof(float),
            RunBytes = (nint)channels * sizeof(float),
            Lines = 1,
            Runs = 1,
            OutputStep = (nint)outputChannels * sizeof(float),
            Min = float.NegativeInfinity,
            Max = float.PositiveInfinity,
        };
        foreach (var panel in _weights.Panels)
        {
            if (panel.First < output || panel.First >= output + outputChannels)
                continue;
            var set = panel.Tiles;
            var calls = (tiles + set.MaxPixels - 1) / set.MaxPixels;
            var (share, larger) = Math.DivRem(tiles, calls);
            for (var place = 0; place < WinogradTransforms.Places; place++)
            {
                tile.Panel = _weights.At(panel, place, input);
                tile.Input = (byte*)(inputs + (place * _inputPlane));
                tile.Output = (byte*)(outputs + (place * _outputPlane) + (panel.First - output));
                for (var call = 0; call < calls; call++)
                {
                    var count = call < larger ? share + 1 : share;
                    tile.Seed = input == 0 ? (byte*)zeros : tile.Output;
                    tile.SeedStep = input == 0 ? 0 : tile.OutputStep;
                    set.Run(count, &tile);
                    tile.Input += count * tile.PixelStep;
                    tile.Output += count * tile.OutputStep;
                }
            }
        }
    }
}
