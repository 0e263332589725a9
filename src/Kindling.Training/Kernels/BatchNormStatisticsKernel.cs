using Kindling.Execution;
using Kindling.Graphs.Operators;

namespace Kindling.Training.Kernels;

/// <summary>Joins the parts' moments in order (Chan, Golub and LeVeque 1979), fills the table and moves the moving statistics on.</summary>
internal sealed unsafe class BatchNormStatisticsKernel(
    BatchNorm op, int channels, int[] pixelsOfPart, TensorView partials, TensorView gamma, TensorView beta,
    TensorView movingMean, TensorView movingVariance, TensorView table) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => 1;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var numbers = new BatchNormTable(table);
        for (var c = 0; c < channels; c++)
        {
            double count = 0, mean = 0, squares = 0;
            for (var p = 0; p < pixelsOfPart.Length; p++)
            {
                double pixels = pixelsOfPart[p];
                var distance = partials.Floats[(p * 2 * channels) + c] - mean;
                squares += partials.Floats[(((p * 2) + 1) * channels) + c] + (distance * distance * count * pixels / (count + pixels));
                count += pixels;
                mean += distance * pixels / count;
            }

            var variance = squares / count;
            var inverse = 1 / Math.Sqrt(variance + op.Epsilon);
            var scale = gamma.Floats[c] * inverse;
            numbers.Set(numbers.Mean, c, channels, (float)mean);
            numbers.Set(numbers.InverseDeviation, c, channels, (float)inverse);
            numbers.Set(numbers.Scale, c, channels, (float)scale);
            numbers.Set(numbers.Shift, c, channels, (float)(beta.Floats[c] - (mean * scale)));
            movingMean.Floats[c] = (op.Momentum * movingMean.Floats[c]) + ((1 - op.Momentum) * (float)mean);
            movingVariance.Floats[c] = (op.Momentum * movingVariance.Floats[c]) + ((1 - op.Momentum) * (float)variance);
        }
    }
}
