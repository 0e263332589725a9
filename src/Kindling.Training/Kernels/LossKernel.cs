using Kindling.Execution;

namespace Kindling.Training.Kernels;

/// <summary>
/// Categorical cross-entropy of softmax(logits), averaged over the batch, and its gradient: (softmax - target) / batch. The target is the label or a
/// distribution over the classes; label smoothing s moves it to (1 - s) target + s / classes; class weights multiply loss and gradient of a sample; a
/// teacher's scores z add weight T^2 KL(softmax(z / T), softmax(logits / T)) and leave 1 - weight to the target (Hinton and others 2015). Outputs y
/// behind the scores are held against a teacher's features f: weight |y - f|^2 / |f|^2. A chunk is a few samples.
/// </summary>
internal sealed unsafe class LossKernel : ElementKernel
{
    private readonly TensorView _logits;
    private readonly TensorView _gradient;
    private readonly LossBuffers _buffers;
    private readonly float _smoothing;
    private readonly float[]? _classWeights;
    private readonly float _temperature;
    private readonly float _teacherWeight;
    private readonly int _features;
    private readonly float _featureWeight;

    /// <summary>Binds the kernel; one loss and one 0 or 1 for a right answer are written for each sample.</summary>
    public LossKernel(TensorView logits, TensorView gradient, LossBuffers buffers, TrainingPlanOptions options)
        : base(logits.Shape.Batch, logits.Shape.Channels)
    {
        _logits = logits;
        _gradient = gradient;
        _buffers = buffers;
        _smoothing = options.LabelSmoothing;
        _classWeights = options.ClassWeights is null ? null : [.. options.ClassWeights];
        _temperature = options.TeacherTemperature;
        _teacherWeight = buffers.Teacher is null ? 0 : options.TeacherWeight;
        _features = options.Features;
        _featureWeight = options.FeatureWeight;
    }

    /// <inheritdoc/>
    protected override void Run(int first, int last)
    {
        var classes = _logits.Shape.Channels - _features;
        for (var n = first; n < last; n++)
        {
            var x = _logits.Floats + ((nint)n * _logits.PixelStride);
            var g = _gradient.Floats + ((nint)n * _gradient.PixelStride);
            var best = IndexOfLargest(x, classes);
            var target = _buffers.Targets is null ? null : _buffers.Targets + ((nint)n * classes);
            _buffers.Correct[n] = best == _buffers.Labels[n] ? 1 : 0;
            var loss = AddTarget(x, g, x[best], target, _buffers.Labels[n], classes);
            if (_teacherWeight > 0)
                loss += AddTeacher(x, g, x[best], _buffers.Teacher + ((nint)n * classes), classes);
            if (_features > 0)
                loss += AddFeatures(x + classes, g + classes, _buffers.Features + ((nint)n * _features));
            _buffers.Losses[n] = (float)loss;
        }
    }

    /// <summary>Writes the gradient of the target's part and returns its loss.</summary>
    private double AddTarget(float* x, float* g, float max, float* target, int label, int classes)
    {
        double sum = 0, logitSum = 0, targetSum = 0, sampleWeight = 0;
        for (var c = 0; c < classes; c++)
        {
            g[c] = MathF.Exp(x[c] - max);
            sum += g[c];
            logitSum += x[c] - max;
            if (target is null)
                continue;
            targetSum += target[c] * (x[c] - max);
            sampleWeight += _classWeights is null ? 0 : target[c] * _classWeights[c];
        }

        if (target is null)
            targetSum = x[label] - max;
        var weight = (1 - _teacherWeight) * (_classWeights is null ? 1 : target is null ? _classWeights[label] : (float)sampleWeight);
        var share = _smoothing / classes;
        var scale = (float)(1 / sum);
        var factor = weight / _logits.Shape.Batch;
        for (var c = 0; c < classes; c++)
            g[c] = ((g[c] * scale) - share - ((1 - _smoothing) * (target is null ? c == label ? 1 : 0 : target[c]))) * factor;
        return weight * (Math.Log(sum) - ((1 - _smoothing) * targetSum) - (share * logitSum));
    }

    /// <summary>Adds the gradient of the teacher's part and returns its loss.</summary>
    private double AddTeacher(float* x, float* g, float max, float* teacher, int classes)
    {
        var inverse = 1 / _temperature;
        var teacherMax = teacher[IndexOfLargest(teacher, classes)];
        double sum = 0, teacherSum = 0;
        for (var c = 0; c < classes; c++)
        {
            sum += MathF.Exp((x[c] - max) * inverse);
            teacherSum += MathF.Exp((teacher[c] - teacherMax) * inverse);
        }

        var (logSum, teacherLogSum) = (Math.Log(sum), Math.Log(teacherSum));
        var factor = _teacherWeight * _temperature / _logits.Shape.Batch;
        double divergence = 0;
        for (var c = 0; c < classes; c++)
        {
            var logP = ((x[c] - max) * inverse) - logSum;
            var logQ = ((teacher[c] - teacherMax) * inverse) - teacherLogSum;
            var q = Math.Exp(logQ);
            divergence += q * (logQ - logP);
            g[c] += factor * (float)(Math.Exp(logP) - q);
        }

        return _teacherWeight * _temperature * _temperature * divergence;
    }

    /// <summary>Writes the gradient of the features' part and returns its loss.</summary>
    private double AddFeatures(float* y, float* g, float* features)
    {
        double square = 0, error = 0;
        for (var i = 0; i < _features; i++)
        {
            square += (double)features[i] * features[i];
            error += ((double)y[i] - features[i]) * (y[i] - features[i]);
        }

        // A teacher that saw nothing at all gives no scale to measure the error by.
        var factor = square > 0 ? _featureWeight / square : 0;
        var slope = (float)(2 * factor / _logits.Shape.Batch);
        for (var i = 0; i < _features; i++)
            g[i] = slope * (y[i] - features[i]);
        return factor * error;
    }

    private static int IndexOfLargest(float* x, int count)
    {
        var best = 0;
        for (var c = 1; c < count; c++)
        {
            if (x[c] > x[best])
                best = c;
        }

        return best;
    }
}
