using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Training.Distillation;

/// <summary>
/// Turns a student's batch into a teacher's: back to pixels by the student's rescaling, bilinear to the teacher's size (half-pixel centres), colours
/// reordered, reduced to gray or repeated, and rescaled as the teacher wants them. A chunk is an image.
/// </summary>
internal sealed unsafe class TeacherInputKernel : Kernel
{
    private readonly Preprocessing _from;
    private readonly Preprocessing _to;
    private readonly int _batch;
    private readonly Executor _teacher;
    private readonly Tap[] _rows;
    private readonly Tap[] _columns;

    /// <summary>Binds the kernel to the teacher's input.</summary>
    /// <exception cref="KindlingException">One of the networks does not say how pixels are scaled, and their inputs differ.</exception>
    public TeacherInputKernel(Graph student, Graph teacher, int batch, Executor executor)
    {
        _batch = batch;
        _teacher = executor;
        (_from, _to) = Describe(student, teacher);
        _rows = Taps(_from.Height, _to.Height);
        _columns = Taps(_from.Width, _to.Width);
    }

    /// <summary>The student's batch, [batch, H, W, C].</summary>
    public float* Images { get; set; }

    /// <inheritdoc/>
    public override int Chunks => _batch;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var size = _to.Height * _to.Width * _to.Channels;
        var output = _teacher.Input<float>().Slice(chunk * size, size);
        var input = Images + ((nint)chunk * _from.Height * _from.Width * _from.Channels);
        if (_from.Equals(_to))
        {
            new ReadOnlySpan<float>(input, size).CopyTo(output);
            return;
        }

        var pixel = stackalloc float[3];
        for (int y = 0, o = 0; y < _to.Height; y++)
        {
            for (var x = 0; x < _to.Width; x++, o += _to.Channels)
            {
                Read(input, _rows[y], _columns[x], pixel);
                for (var c = 0; c < _to.Channels; c++)
                    output[o + c] = (_to.ScaleOf(c) * Color(pixel, c)) + _to.OffsetOf(c);
            }
        }

        if (_to.Standardization == Standardization.PerImage)
            PhotoStandardization.Apply(output, _to.ScaleOf(0));
    }

    private static (Preprocessing From, Preprocessing To) Describe(Graph student, Graph teacher)
    {
        if (student.Metadata.Preprocessing is { } source && teacher.Metadata.Preprocessing is { } target)
        {
            // Standardising forgets how bright a photo was; standardising again does not miss it.
            if (source.Standardization == Standardization.PerImage && target.Standardization != Standardization.PerImage)
                throw new KindlingException($"the teacher {teacher.Name} takes pixels as they are, but the network's photos are standardised one by one; a teacher that was trained on such photos is needed");
            return (SizeIsReady(source), SizeIsReady(target));
        }

        var (a, b) = (student.Inputs[0].Shape, teacher.Inputs[0].Shape);
        if (!a.Equals(b))
            throw new KindlingException($"the teacher {teacher.Name} takes {b}, the network {a}, and one of them does not say how pixels are scaled");
        var same = new Preprocessing(a.Height, a.Width, a.Channels == 1 ? ColorMode.Grayscale : ColorMode.Rgb, [1], [0]);
        return (same, same);
    }

    /// <summary>How photos were brought to size does not matter here: the student's batch has been.</summary>
    private static Preprocessing SizeIsReady(Preprocessing preprocessing) =>
        preprocessing with { Interpolation = Interpolation.Bilinear, AspectRatio = AspectRatio.Fit };

    /// <summary>Interpolates a place of the student's image, as pixel values in its own order of channels.</summary>
    private void Read(float* image, Tap row, Tap column, float* pixel)
    {
        var channels = _from.Channels;
        var top = image + ((nint)row.First * _from.Width * channels);
        var bottom = image + ((nint)row.Second * _from.Width * channels);
        var (left, right) = (column.First * channels, column.Second * channels);
        for (var c = 0; c < channels; c++)
        {
            var above = top[left + c] + (column.Share * (top[right + c] - top[left + c]));
            var below = bottom[left + c] + (column.Share * (bottom[right + c] - bottom[left + c]));
            pixel[c] = (above + (row.Share * (below - above)) - _from.OffsetOf(c)) / _from.ScaleOf(c);
        }
    }

    /// <summary>The teacher's channel <paramref name="c"/> of a pixel; gray is Rec. 601 luma, as JPEG's.</summary>
    private float Color(float* pixel, int c)
    {
        if (_from.Channels == 1)
            return pixel[0];
        var isReversed = _from.Color == ColorMode.Bgr;
        if (_to.Channels == 1)
            return (0.299f * pixel[isReversed ? 2 : 0]) + (0.587f * pixel[1]) + (0.114f * pixel[isReversed ? 0 : 2]);
        return pixel[isReversed == (_to.Color == ColorMode.Bgr) ? c : 2 - c];
    }

    private static Tap[] Taps(int from, int to)
    {
        var taps = new Tap[to];
        for (var i = 0; i < to; i++)
        {
            var place = Math.Clamp(((i + 0.5f) * from / to) - 0.5f, 0, from - 1);
            var first = (int)place;
            taps[i] = new Tap(first, Math.Min(first + 1, from - 1), place - first);
        }

        return taps;
    }

    private readonly record struct Tap(int First, int Second, float Share);
}
