using Kindling.Execution;
using Kindling.Kernels.Float;

namespace Kindling.Training.Kernels;

/// <summary>
/// A convolution that normalizes its input as it reads it and takes the moments of its output for the normalization behind, group of images by group, so
/// that each activation crosses the memory bus once. A chunk is a group.
/// </summary>
internal sealed unsafe class NormalizedConvolutionKernel : Kernel, IDisposable
{
    private readonly IImageKernel _convolution;
    private readonly ImageGroups _groups;
    private readonly TensorView _x;
    private readonly TensorView _y;
    private readonly Normalization? _input;
    private readonly TensorView? _moments;
    private readonly ChannelPattern _pattern;
    private readonly int _innerBytes;

    /// <summary>Binds the kernel.</summary>
    /// <param name="convolution">The convolution of one group.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="x">The input, without gaps when it is to be normalized.</param>
    /// <param name="y">The output, without gaps when moments are taken.</param>
    /// <param name="input">Normalizes the input; null reads it as it is.</param>
    /// <param name="moments">Mean and squared distances, <c>[groups, 2, C]</c>; null takes none.</param>
    public NormalizedConvolutionKernel(
        IImageKernel convolution, ImageGroups groups, TensorView x, TensorView y, Normalization? input, TensorView? moments)
    {
        _convolution = convolution;
        _groups = groups;
        _x = x;
        _y = y;
        _input = input;
        _moments = moments;
        _pattern = new ChannelPattern(y.Shape.WithBatch(groups.Images));
        _innerBytes = (Math.Max(convolution.ScratchBytes, moments is null ? 0 : NormalizationSweeps.ScratchBytes(_pattern)) + 63) & -64;
        ScratchBytes = checked(_innerBytes + (input is null ? 0 : (int)groups.Step(x) * sizeof(float)));
    }

    /// <inheritdoc/>
    public override int Chunks => _groups.Count;

    /// <inheritdoc/>
    public override int ScratchBytes { get; }

    /// <inheritdoc/>
    public override void Prepare() => _convolution.Prepare();

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var (xStep, yStep) = (_groups.Step(_x), _groups.Step(_y));
        var x = _x.Floats + (chunk * xStep);
        var y = _y.Floats + (chunk * yStep);
        if (_input is not null)
        {
            var normalized = (float*)(scratch + _innerBytes);
            _input.Apply(x, normalized, (int)xStep);
            x = normalized;
        }

        _convolution.Run(x, y, scratch);
        if (_moments is { } moments)
        {
            var mean = moments.Floats + ((nint)chunk * 2 * _pattern.Channels);
            NormalizationSweeps.Moments(y, (int)yStep, _pattern, mean, mean + _pattern.Channels, (float*)scratch);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => (_convolution as IDisposable)?.Dispose();
}
