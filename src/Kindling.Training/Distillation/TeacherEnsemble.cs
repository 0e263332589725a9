using Kindling.Execution;
using Kindling.Graphs;

namespace Kindling.Training.Distillation;

/// <summary>
/// Teachers that answer together: the arithmetic mean of their probabilities at the temperature. Its divergence from the student's has as its gradient the mean
/// of the gradients each teacher alone would give, so no teacher that is sure of a class outvotes the others, as in a mean of scores.
/// </summary>
internal sealed class TeacherEnsemble : IDisposable
{
    private readonly List<Teacher> _teachers = [];
    private readonly float[] _answers;
    private readonly float _temperature;
    private readonly int _classes;

    /// <summary>Compiles the teachers for the student's batches.</summary>
    /// <exception cref="KindlingException">There is none, or one is no float classifier of the student's classes.</exception>
    public TeacherEnsemble(TeacherOptions options, Graph student, int batch, WorkerPool pool)
    {
        if (options.Graphs.Count == 0)
            throw new KindlingException($"{student.Name} is to learn from teachers, but there is none; one at least is needed");
        _temperature = options.Temperature;
        _classes = student.Outputs[0].Shape.Channels;
        _answers = new float[options.Graphs.Count * batch * _classes];
        foreach (var graph in options.Graphs)
            _teachers.Add(new Teacher(graph, student, batch, pool, options.FeatureWeight > 0));
    }

    /// <summary>Writes scores whose softmax at the temperature is the mean of the teachers' probabilities at it; a single teacher's own scores as they are.</summary>
    /// <param name="images">The student's batch.</param>
    /// <param name="scores">Receives [batch, classes] in the student's order of classes.</param>
    public void Answer(ReadOnlySpan<float> images, Span<float> scores)
    {
        if (_teachers.Count == 1)
        {
            _teachers[0].Answer(images, scores);
            return;
        }

        for (var t = 0; t < _teachers.Count; t++)
            _teachers[t].Answer(images, _answers.AsSpan(t * scores.Length, scores.Length));
        var row = new float[_teachers.Count * _classes];
        for (var first = 0; first < scores.Length; first += _classes)
        {
            for (var t = 0; t < _teachers.Count; t++)
                _answers.AsSpan((t * scores.Length) + first, _classes).CopyTo(row.AsSpan(t * _classes));
            Mean(row, _teachers.Count, _temperature, scores.Slice(first, _classes));
        }
    }

    /// <summary>Writes the features of the batch last answered, those of each image's teachers one after the other.</summary>
    /// <param name="features">Receives [batch, features].</param>
    public void CopyFeatures(Span<float> features)
    {
        var width = _teachers.Sum(t => t.Features);
        for (int t = 0, first = 0; t < _teachers.Count; first += _teachers[t++].Features)
        {
            var own = _teachers[t].LastFeatures;
            var count = _teachers[t].Features;
            for (var n = 0; n < own.Length / count; n++)
                own.Slice(n * count, count).CopyTo(features[((n * width) + first)..]);
        }
    }

    /// <summary>Averages the answers to one image.</summary>
    /// <param name="scores">The teachers' scores, [teachers, classes].</param>
    /// <param name="teachers">How many there are.</param>
    /// <param name="temperature">What scores are divided by before the softmax.</param>
    /// <param name="mean">Receives temperature x log of the mean probability of each class.</param>
    internal static void Mean(ReadOnlySpan<float> scores, int teachers, float temperature, Span<float> mean)
    {
        // In logarithms: a probability too small for a number would otherwise become a score of minus infinity.
        Span<double> logs = stackalloc double[teachers];
        var classes = mean.Length;
        for (var t = 0; t < teachers; t++)
            logs[t] = LogSum(scores.Slice(t * classes, classes), temperature);
        for (var c = 0; c < classes; c++)
        {
            var largest = double.NegativeInfinity;
            for (var t = 0; t < teachers; t++)
                largest = Math.Max(largest, (scores[(t * classes) + c] / temperature) - logs[t]);
            double sum = 0;
            for (var t = 0; t < teachers; t++)
                sum += Math.Exp((scores[(t * classes) + c] / temperature) - logs[t] - largest);
            mean[c] = (float)(temperature * (largest + Math.Log(sum / teachers)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var teacher in _teachers)
            teacher.Dispose();
    }

    private static double LogSum(ReadOnlySpan<float> scores, float temperature)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (var score in scores)
            largest = Math.Max(largest, score / temperature);
        foreach (var score in scores)
            sum += Math.Exp((score / temperature) - largest);
        return largest + Math.Log(sum);
    }
}
