using Kindling.Numerics;

namespace Kindling.Training.Tests;

/// <summary>
/// Noisy 12x12 pictures of three classes: horizontal stripes, vertical stripes, chequers, with random phase, contrast and sign, so that no single
/// pixel tells anything. Serves as training and as validation set, by its seed.
/// </summary>
internal sealed class StripesSource(int batchSize, int batches, long seed) : ITrainingSource, IEvaluationSource
{
    public const int Side = 12;

    public int BatchSize => batchSize;

    public int StepsPerEpoch => batches;

    public int BatchCount => batches;

    public void Fill(int epoch, int step, Span<float> images, Span<int> labels)
    {
        var random = new RandomStream(seed, epoch, step);
        for (var n = 0; n < batchSize; n++)
        {
            labels[n] = random.NextInt32(3);
            var (dx, dy, contrast) = (random.NextInt32(4), random.NextInt32(4), random.NextSingle(0.4f, 1));
            for (var y = 0; y < Side; y++)
            {
                for (var x = 0; x < Side; x++)
                {
                    var row = (y + dy) / 2 % 2;
                    var column = (x + dx) / 2 % 2;
                    var isLight = labels[n] == 0 ? row == 0 : labels[n] == 1 ? column == 0 : row == column;
                    images[(((n * Side) + y) * Side) + x] = (isLight ? contrast : -contrast) + (0.3f * random.NextGaussian());
                }
            }
        }
    }

    public int Fill(int batch, Span<float> images, Span<int> labels)
    {
        Fill(-1, batch, images, labels);
        return batchSize;
    }
}
