using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Cuts a gradient in place to where the output lies strictly inside a clipping's range.</summary>
internal sealed unsafe class ActivationGradientKernel : ElementKernel
{
    private readonly float* _y;
    private readonly float* _dy;
    private readonly nint _yStride;
    private readonly nint _dyStride;
    private readonly int _length;
    private readonly float _min;
    private readonly float _max;

    /// <summary>Binds the kernel. Both views may have gaps between pixels.</summary>
    public ActivationGradientKernel(TensorView y, TensorView dy, float min, float max)
        : this(y, dy, min, max, y.IsContiguous && dy.IsContiguous)
    {
    }

    // Without gaps the whole tensor is one row of elements, cut into pieces of one cache page.
    private ActivationGradientKernel(TensorView y, TensorView dy, float min, float max, bool isFlat)
        : base(isFlat ? y.Shape.ElementCount : y.Shape.Pixels, isFlat ? 1 : y.Shape.Channels)
    {
        _y = y.Floats;
        _dy = dy.Floats;
        _yStride = isFlat ? 1 : y.PixelStride;
        _dyStride = isFlat ? 1 : dy.PixelStride;
        _length = isFlat ? 0 : y.Shape.Channels;
        _min = min;
        _max = max;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(int first, int last)
    {
        if (_length == 0)
        {
            Mask(_y + first, _dy + first, last - first, _min, _max);
            return;
        }

        for (var pixel = first; pixel < last; pixel++)
            Mask(_y + (pixel * _yStride), _dy + (pixel * _dyStride), _length, _min, _max);
    }

    /// <summary>Cuts the gradients of some pixels to where the output lies strictly inside a range. Steps are from pixel to pixel.</summary>
    public static void Mask(float* y, nint yStep, float* dy, nint dyStep, int pixels, int channels, (float Min, float Max) range)
    {
        if (yStep == channels && dyStep == channels)
            (pixels, channels) = (1, pixels * channels);
        for (; pixels > 0; pixels--, y += yStep, dy += dyStep)
            Mask(y, dy, channels, range.Min, range.Max);
    }

    /// <summary>Cuts some gradients to where the output lies strictly inside a range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mask(float* y, float* dy, int count, float lowest, float highest)
    {
        var min = Vector512.Create(lowest);
        var max = Vector512.Create(highest);
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var value = Vector512.Load(y + i);
            var passes = Vector512.GreaterThan(value, min) & Vector512.LessThan(value, max);
            (Vector512.Load(dy + i) & passes).Store(dy + i);
        }

        for (; i < count; i++)
        {
            if (!(y[i] > lowest && y[i] < highest))
                dy[i] = 0;
        }
    }
}
