using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels.Winograd;

/// <summary>
/// Partial weight gradients of a 3x3 convolution in the transformed domain, <c>[parts][groups][36][I][columns]</c> and the bias' <c>[parts][O]</c> behind
/// them: 36 matrix products over the tiles. A chunk is one part's blocks of tiles times one group of output channels.
/// </summary>
internal sealed unsafe class WinogradWeightGradient : Kernel
{
    private const int ColumnsOfGroup = 64;
    private const int TilesOfPart = 128;
    private const int MostParts = 8;
    private const int PlaceOfSum = 7;
    private readonly TensorView _x;
    private readonly TensorView _dy;
    private readonly float* _partials;
    private readonly Padding _padding;
    private readonly WinogradTiling _tiling;
    private readonly int _columns;
    private readonly int _groups;
    private readonly int _parts;
    private readonly nint _inputPlane;
    private readonly nint _gradientPlane;

    /// <summary>Binds the kernel.</summary>
    public WinogradWeightGradient(TensorView x, TensorView dy, TensorView partials, Padding padding)
    {
        _x = x;
        _dy = dy;
        _partials = partials.Floats;
        _padding = padding;
        _tiling = new WinogradTiling(dy.Shape);
        (_parts, _columns) = Cut(dy.Shape);
        _groups = dy.Shape.Channels / _columns;
        _inputPlane = WinogradTiles.PlaneStep(_tiling.MostTiles, x.Shape.Channels);
        _gradientPlane = WinogradTiles.PlaneStep(_tiling.MostTiles, _columns);
        ScratchBytes = checked(
            WinogradTiles.ScratchBytes + (_tiling.MostTiles * sizeof((int, int, int))) + 64
            + (int)(WinogradTransforms.Places * (_inputPlane + _gradientPlane) * sizeof(float)) + 256);
    }

    /// <inheritdoc/>
    public override int Chunks => _parts * _groups;

    /// <inheritdoc/>
    public override int ScratchBytes { get; }

    /// <summary>Parts, and columns of a group; depends on the shape only.</summary>
    public static (int Parts, int Columns) Cut(Tensors.Shape output)
    {
        var tiling = new WinogradTiling(output);
        var tiles = tiling.TileRows * tiling.TileColumns * output.Batch;
        var columns = Math.Min(output.Channels, ColumnsOfGroup);
        while (output.Channels % columns != 0)
            columns -= 16;
        return (Math.Min(tiling.Blocks, Math.Clamp(tiles / TilesOfPart, 1, MostParts)), columns);
    }

    /// <summary>Floats of a part: the sums of all places, then those of the bias.</summary>
    public static int FloatsOfPart(int inputs, int outputs) => (WinogradTransforms.Places * inputs * outputs) + outputs;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (part, group) = Math.DivRem(chunk, _groups);
        var (inputs, outputs) = (_x.Shape.Channels, _dy.Shape.Channels);
        var sums = _partials + ((nint)part * FloatsOfPart(inputs, outputs)) + ((nint)group * WinogradTransforms.Places * inputs * _columns);
        var bias = _partials + ((nint)part * FloatsOfPart(inputs, outputs)) + ((nint)WinogradTransforms.Places * inputs * outputs) + (group * _columns);
        new Span<float>(sums, WinogradTransforms.Places * inputs * _columns).Clear();
        new Span<float>(bias, _columns).Clear();
        var work = (float*)scratch;
        var input = (float*)(scratch + WinogradTiles.ScratchBytes);
        var gradient = input + (WinogradTransforms.Places * _inputPlane);
        var all = new Span<(int Image, int Row, int Column)>(gradient + (WinogradTransforms.Places * _gradientPlane), _tiling.MostTiles);
        var last = (int)((long)_tiling.Blocks * (part + 1) / _parts);
        for (var block = (int)((long)_tiling.Blocks * part / _parts); block < last; block++)
        {
            var tiles = all[.._tiling.Tiles(block, all)];
            WinogradTiles.Gather(_x, tiles, _padding.Top, _padding.Left, WinogradTransforms.Side, 0, inputs, input, _inputPlane, work);
            WinogradTiles.Gather(_dy, tiles, 0, 0, WinogradTransforms.Outputs, group * _columns, _columns, gradient, _gradientPlane, work);
            Multiply(input, gradient, tiles.Length, sums);
            AddBias(gradient + (PlaceOfSum * _gradientPlane), tiles.Length, bias);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* input, float* gradient, int count, float* sums)
    {
        var inputs = _x.Shape.Channels;
        var run = new PixelRun(0, 0, count);
        var tile = new WeightTile { InputStep = inputs, GradientStep = _columns, SumStep = _columns, Runs = &run, RunCount = 1 };
        for (var place = 0; place < WinogradTransforms.Places; place++)
        {
            for (var column = 0; column < _columns; column += 32)
            {
                var columns = Math.Min(32, _columns - column);
                tile.Gradient = gradient + (place * _gradientPlane) + column;
                for (var row = 0; row < inputs;)
                {
                    // Twelve rows fill the registers, eight make up the rest: 16 = 2 x 8, 32 = 2 x 12 + 8, 48 = 4 x 12.
                    var rows = (inputs - row) % 12 == 0 || inputs - row >= 28 ? 12 : 8;
                    tile.Input = input + (place * _inputPlane) + row;
                    tile.Sums = sums + ((((nint)place * inputs) + row) * _columns) + column;
                    WeightTiles.Run(&tile, rows, columns);
                    row += rows;
                }
            }
        }
    }

    // At the points (1, 1) the transformed gradient is the sum of its tile.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddBias(float* gradient, int count, float* bias)
    {
        for (var c = 0; c < _columns; c += 16)
        {
            var sum = Vector512.Load(bias + c);
            for (var t = 0; t < count; t++)
                sum += Vector512.Load(gradient + ((nint)t * _columns) + c);
            sum.Store(bias + c);
        }
    }
}
