using Kindling.Execution;

namespace Kindling.Data;

/// <summary>Writes the images of one batch, on the threads of a pool or on the caller's. A chunk is an image.</summary>
/// <typeparam name="TBatch">What names a batch.</typeparam>
/// <param name="write">Writes an image of a batch.</param>
internal sealed unsafe class BatchKernel<TBatch>(BatchKernel<TBatch>.ImageWriter write) : Kernel
    where TBatch : struct
{
    private TBatch _batch;
    private int _images;
    private float* _values;
    private int _size;

    /// <summary>Writes an image.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="place">The image's place in it.</param>
    /// <param name="values">Receives its values.</param>
    public delegate void ImageWriter(TBatch batch, int place, Span<float> values);

    /// <inheritdoc/>
    public override int Chunks => _images;

    /// <summary>Writes so many images of equal size side by side.</summary>
    public void Fill(TBatch batch, int images, Span<float> values, WorkerPool? pool)
    {
        fixed (float* start = values)
        {
            _batch = batch;
            _images = images;
            _values = start;
            _size = values.Length / images;
            if (pool is not null)
            {
                pool.Run(this);
                return;
            }

            for (int i = 0; i < images; i++)
                Run(i, null);
        }
    }

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch) => write(_batch, chunk, new Span<float>(_values + ((nint)chunk * _size), _size));
}
