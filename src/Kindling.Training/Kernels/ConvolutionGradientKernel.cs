using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>
/// The backward pass of one convolution, group of images by group: the gradient at its output (through the normalization behind it), its weights'
/// partial gradients, the gradient at its input and the sums the normalization before it needs. What one stage makes the next finds in the cache.
/// A chunk is one part of the weight gradient's sums.
/// </summary>
internal sealed unsafe class ConvolutionGradientKernel : Kernel, IDisposable
{
    private readonly ImageGroups _groups;
    private readonly int _parts;
    private readonly int _innerBytes;
    private readonly int _inputBytes;

    /// <summary>Binds the groups.</summary>
    /// <param name="groups">The groups of images.</param>
    /// <param name="parts">Parts of the groups.</param>
    /// <param name="work">The stages.</param>
    public ConvolutionGradientKernel(ImageGroups groups, int parts, ConvolutionGradientWork work)
    {
        _groups = groups;
        _parts = parts;
        Work = work;
        var inner = Math.Max(work.WeightSums?.ScratchBytes ?? 0, work.InputGradient?.ScratchBytes ?? 0);
        inner = Math.Max(inner, work.InputSums is null ? 0 : NormalizationSweeps.ScratchBytes(work.Input!.Pattern));
        _innerBytes = (inner + 63) & -64;
        _inputBytes = work.WeightSums is null ? 0
            : work.Padded is { } padded ? Bytes(padded.Shape.ElementCount)
            : work.Input is not null ? Bytes(groups.Step(work.X)) : 0;
        ScratchBytes = checked(_innerBytes + _inputBytes + (work.Behind is null ? 0 : Bytes(groups.Step(work.Dy))));
    }

    /// <inheritdoc/>
    public override int Chunks => _parts;

    /// <inheritdoc/>
    public override int ScratchBytes { get; }

    private ConvolutionGradientWork Work { get; }

    /// <inheritdoc/>
    public override void Prepare() => Work.InputGradient?.Prepare();

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        if (Work.WeightSums is { } weights)
            new Span<float>(Work.WeightPartials.Floats + ((nint)chunk * weights.SumFloats), weights.SumFloats).Clear();
        if (Work.InputSums is { } sums)
            new Span<float>(sums.Floats + ((nint)chunk * 2 * Work.Input!.Pattern.Channels), 2 * Work.Input.Pattern.Channels).Clear();
        var last = (int)((long)_groups.Count * (chunk + 1) / _parts);
        for (var group = (int)((long)_groups.Count * chunk / _parts); group < last; group++)
            RunGroup(chunk, group, scratch);
    }

    /// <inheritdoc/>
    public void Dispose() => (Work.InputGradient as IDisposable)?.Dispose();

    // Tiles read up to three vectors beyond the last pixel.
    private static int Bytes(nint floats) => checked((int)((floats * sizeof(float)) + 256 + 63)) & -64;

    private void RunGroup(int part, int group, byte* scratch)
    {
        var x = Work.X.Floats + (group * _groups.Step(Work.X));
        var dy = Work.Dy.Floats + (group * _groups.Step(Work.Dy));
        if (Work.Behind is { } behind)
        {
            var target = (float*)(scratch + _innerBytes + _inputBytes);
            behind.InputGradient(Work.Y.Floats + (group * _groups.Step(Work.Y)), dy, target, (int)_groups.Step(Work.Y));
            dy = target;
        }

        if (Work.WeightSums is { } weights)
        {
            var input = x;
            if (Work.Padded is { } padded)
                padded.Fill(x, input = (float*)(scratch + _innerBytes));
            else if (Work.Input is { } normalization)
                normalization.Apply(x, input = (float*)(scratch + _innerBytes), (int)_groups.Step(Work.X));
            weights.Add(input, dy, Work.WeightPartials.Floats + ((nint)part * weights.SumFloats), scratch);
        }

        if (Work.InputGradient is not { } inputGradient)
            return;
        var dx = Work.Dx.Floats + (group * _groups.Step(Work.Dx));
        inputGradient.Run(dy, dx, scratch);
        if (Work.Clipping is { } range)
        {
            ActivationGradientKernel.Mask(
                x, Work.X.PixelStride, dx, Work.Dx.PixelStride, Work.X.Shape.Pixels / Work.X.Shape.Batch * _groups.Images, Work.X.Shape.Channels, range);
        }
        if (Work.InputSums is { } sums)
        {
            Work.Input!.GradientSums(
                x, dx, (int)_groups.Step(Work.X), sums.Floats + ((nint)part * 2 * Work.Input.Pattern.Channels), (float*)scratch);
        }
    }
}
