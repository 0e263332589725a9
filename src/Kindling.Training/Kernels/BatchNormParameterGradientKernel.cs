using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>Joins the parts' sums in order: the gradients of gamma and beta, and the numbers the input's gradient is made from.</summary>
internal sealed unsafe class BatchNormParameterGradientKernel(
    ChannelPattern layout, TensorView partials, TensorView gamma, TensorView table, TensorView? dGamma, TensorView? dBeta) : Kernel
{
    /// <inheritdoc/>
    public override int Chunks => 1;

    /// <inheritdoc/>
    public override void Run(int chunk, byte* scratch)
    {
        var channels = layout.Channels;
        var numbers = new BatchNormTable(table);
        for (var c = 0; c < channels; c++)
        {
            double sum = 0, product = 0;
            for (var p = 0; p < partials.Shape[0]; p++)
            {
                sum += partials.Floats[(p * 2 * channels) + c];
                product += partials.Floats[(((p * 2) + 1) * channels) + c];
            }

            double inverse = numbers.InverseDeviation[c];
            double mean = numbers.Mean[c];
            product *= inverse;
            if (dGamma is { } g)
                g.Floats[c] = (float)product;
            if (dBeta is { } b)
                b.Floats[c] = (float)sum;
            var factor = gamma.Floats[c] * inverse;
            var inputFactor = -factor * inverse * product / layout.Pixels;
            numbers.Set(numbers.GradientFactor, c, channels, (float)factor);
            numbers.Set(numbers.InputFactor, c, channels, (float)inputFactor);
            numbers.Set(numbers.Summand, c, channels, (float)((-factor * sum / layout.Pixels) - (inputFactor * mean)));
        }
    }
}
