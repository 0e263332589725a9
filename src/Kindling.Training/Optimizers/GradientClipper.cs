using System.Runtime.Intrinsics;
using Kindling.Execution;
using Kindling.Training.Planning;

namespace Kindling.Training.Optimizers;

/// <summary>
/// Limits gradients as Keras' <c>clipvalue</c>, <c>clipnorm</c> and <c>global_clipnorm</c> do: first the length of each piece of a parameter, then the
/// pieces shortened. The lengths are added up in a fixed order.
/// </summary>
internal sealed unsafe class GradientClipper : Kernel
{
    private const int MostFloats = 1 << 14;
    private readonly Optimizer _optimizer;
    private readonly float* _gradients;
    private readonly Piece[] _pieces;
    private readonly double[] _squares;
    private readonly float[] _factors;
    private bool _isMeasuring;

    public GradientClipper(Optimizer optimizer, ParameterStore parameters)
    {
        _optimizer = optimizer;
        _gradients = parameters.Gradients;
        var pieces = new List<Piece>();
        for (var s = 0; s < parameters.Segments.Count; s++)
        {
            var segment = parameters.Segments[s];
            for (var done = 0; done < segment.Count; done += MostFloats)
                pieces.Add(new Piece(segment.Offset + done, Math.Min(MostFloats, segment.Count - done), s));
        }

        _pieces = [.. pieces];
        _squares = new double[_pieces.Length];
        _factors = new float[parameters.Segments.Count];
    }

    /// <inheritdoc/>
    public override int Chunks => _pieces.Length;

    /// <summary>Clips all gradients.</summary>
    public void Clip(WorkerPool pool)
    {
        Array.Fill(_factors, 1);
        if (_optimizer.ClipNorm is not null || _optimizer.GlobalClipNorm is not null)
        {
            _isMeasuring = true;
            pool.Run(this);
            SetFactors();
        }

        _isMeasuring = false;
        pool.Run(this);
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var piece = _pieces[chunk];
        var g = _gradients + piece.Offset;
        if (_isMeasuring)
        {
            var sum = Vector512<double>.Zero;
            for (var i = 0; i < piece.Count; i += 16)
            {
                var (low, high) = Vector512.Widen(Vector512.Load(g + i));
                sum += (low * low) + (high * high);
            }

            _squares[chunk] = Vector512.Sum(sum);
            return;
        }

        var factor = Vector512.Create(_factors[piece.Segment]);
        var most = Vector512.Create(_optimizer.ClipValue ?? float.PositiveInfinity);
        for (var i = 0; i < piece.Count; i += 16)
            Vector512.Min(Vector512.Max(Vector512.Load(g + i) * factor, -most), most).Store(g + i);
    }

    private void SetFactors()
    {
        var squares = new double[_factors.Length];
        for (var i = 0; i < _pieces.Length; i++)
            squares[_pieces[i].Segment] += _squares[i];
        if (_optimizer.GlobalClipNorm is { } global)
            Array.Fill(_factors, Factor(global, squares.Sum()));
        else
            squares.Select(s => Factor(_optimizer.ClipNorm!.Value, s)).ToArray().CopyTo(_factors, 0);
    }

    private static float Factor(float most, double squares) => squares > (double)most * most ? (float)(most / Math.Sqrt(squares)) : 1;

    private readonly record struct Piece(int Offset, int Count, int Segment);
}
