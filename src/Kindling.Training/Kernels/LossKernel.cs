using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>
/// Sparse categorical cross-entropy of softmax(logits), averaged over the batch, and its gradient: (softmax - target) / batch. With label
/// smoothing s the target is 1 - s + s / classes for the label and s / classes elsewhere. A chunk is a few samples.
/// </summary>
internal sealed unsafe class LossKernel : ElementKernel
{
    private readonly TensorView _logits;
    private readonly TensorView _gradient;
    private readonly int* _labels;
    private readonly float* _losses;
    private readonly int* _correct;
    private readonly float _smoothing;

    /// <summary>Binds the kernel; one loss and one 0 or 1 for a right answer are written for each sample.</summary>
    public LossKernel(TensorView logits, TensorView gradient, int* labels, float* losses, int* correct, float smoothing)
        : base(logits.Shape.Batch, logits.Shape.Channels)
    {
        _logits = logits;
        _gradient = gradient;
        _labels = labels;
        _losses = losses;
        _correct = correct;
        _smoothing = smoothing;
    }

    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var classes = _logits.Shape.Channels;
        var batch = _logits.Shape.Batch;
        for (var n = first; n < last; n++)
        {
            var x = _logits.Floats + ((nint)n * _logits.PixelStride);
            var g = _gradient.Floats + ((nint)n * _gradient.PixelStride);
            var label = _labels[n];
            var best = 0;
            for (var c = 1; c < classes; c++)
            {
                if (x[c] > x[best])
                    best = c;
            }

            double sum = 0;
            double logitSum = 0;
            for (var c = 0; c < classes; c++)
            {
                g[c] = MathF.Exp(x[c] - x[best]);
                sum += g[c];
                logitSum += x[c] - x[best];
            }

            var logSum = Math.Log(sum);
            var share = _smoothing / classes;
            _losses[n] = (float)(logSum - ((1 - _smoothing) * (x[label] - x[best])) - (share * logitSum));
            _correct[n] = best == label ? 1 : 0;
            var scale = (float)(1 / sum);
            for (var c = 0; c < classes; c++)
                g[c] = ((g[c] * scale) - share - (c == label ? 1 - _smoothing : 0)) / batch;
        }
    }
}
