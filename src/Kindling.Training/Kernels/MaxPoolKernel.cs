using Kindling.Execution;
using Kindling.Graphs.Operators;
using Kindling.Kernels.Float;

namespace Kindling.Training.Kernels;

/// <summary>
/// Max pooling that keeps the places of the largest values, alone or behind the convolution whose output nobody else reads, which then is never stored.
/// A chunk is an image.
/// </summary>
internal sealed unsafe class MaxPoolKernel(
    MaxPool2D op, TensorView x, TensorView y, TensorView places, IImageKernel? convolution, TensorView input) : Kernel, IDisposable
{
    private readonly LargestPlaces _work = new(op, x, y);
    private readonly int _imageBytes = convolution is null ? 0 : ((x.Shape.ElementCount / x.Shape.Batch * sizeof(float)) + 256 + 63) & -64;

    /// <inheritdoc/>
    public override int Chunks => y.Shape.Batch;

    /// <inheritdoc/>
    public override int ScratchBytes => _imageBytes + (convolution?.ScratchBytes ?? 0);

    /// <inheritdoc/>
    public override void Prepare() => convolution?.Prepare();

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var images = new ImageGroups(1, y.Shape.Batch);
        var source = x.Floats + (chunk * images.Step(x));
        if (convolution is not null)
        {
            source = (float*)scratch;
            convolution.Run(input.Floats + (chunk * images.Step(input)), source, scratch + _imageBytes);
        }

        _work.Pool(source, y.Floats + (chunk * images.Step(y)), (byte*)places.Data + ((nint)chunk * (y.Shape.ElementCount / y.Shape.Batch)));
    }

    /// <inheritdoc/>
    public void Dispose() => (convolution as IDisposable)?.Dispose();
}
