using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Training.Distillation;

/// <summary>A teacher at work: one executor for whole batches, and the way from the student's input to its own.</summary>
internal sealed class Teacher : IDisposable
{
    private readonly Executor _executor;
    private readonly TeacherInputKernel _input;
    private readonly WorkerPool _pool;
    private readonly int[] _classes;

    /// <summary>Compiles the teacher for the student's batches.</summary>
    /// <exception cref="KindlingException">It is no float classifier of the student's classes.</exception>
    public Teacher(Graph teacher, Graph student, int batch, WorkerPool pool, bool withFeatures = false)
    {
        _pool = pool;
        var graph = FeatureHint.Teaching(teacher, withFeatures);
        if (graph.Inputs.Count != 1 || graph.Inputs[0].Type != ElementType.Float32 || graph.Inputs[0].Shape.Rank != 4)
            throw new KindlingException($"the teacher {teacher.Name} takes {string.Join(", ", graph.Inputs)}; a float network with one image [1, H, W, C] is expected");
        _classes = MatchClasses(teacher, student);
        _executor = Executor.Compile(graph, new ExecutorOptions { Batch = batch, Pool = pool });
        _input = new TeacherInputKernel(student, teacher, batch, _executor);
        pool.Reserve(_input);
    }

    /// <summary>The numbers the teacher's last layer decides by; 0 when they were not asked for.</summary>
    public int Features => _executor.Graph.Outputs.Count > 1 ? _executor.Graph.Outputs[1].Shape.Channels : 0;

    /// <summary>The features of the last batch, [batch, <see cref="Features"/>].</summary>
    public ReadOnlySpan<float> LastFeatures => _executor.Output<float>(1);

    /// <summary>Writes the teacher's scores before its softmax.</summary>
    /// <param name="images">The student's batch.</param>
    /// <param name="scores">Receives [batch, classes] in the student's order of classes.</param>
    public unsafe void Answer(ReadOnlySpan<float> images, Span<float> scores)
    {
        fixed (float* address = images)
        {
            _input.Images = address;
            _pool.Run(_input);
        }

        _executor.Run();
        var answers = _executor.Output<float>();
        for (var first = 0; first < scores.Length; first += _classes.Length)
        {
            for (var c = 0; c < _classes.Length; c++)
                scores[first + c] = answers[first + _classes[c]];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _executor.Dispose();

    /// <summary>For each class of the student its place among the teacher's: by name when both have names, otherwise the same.</summary>
    private static int[] MatchClasses(Graph teacher, Graph student)
    {
        var (classes, own) = (teacher.Outputs[0].Shape.Channels, student.Outputs[0].Shape.Channels);
        var (names, ownNames) = (teacher.Metadata.ClassNames.ToList(), student.Metadata.ClassNames);
        if (classes != own)
            throw new KindlingException($"the teacher {teacher.Name} tells {classes} classes apart, the network {own}");
        if (names.Count != classes || ownNames.Count != classes)
            return [.. Enumerable.Range(0, classes)];
        var places = ownNames.Select(n => names.IndexOf(n)).ToArray();
        if (places.Any(p => p < 0))
            throw new KindlingException($"the teacher {teacher.Name} knows {string.Join(", ", names)}, the network is to learn {string.Join(", ", ownNames)}");
        return places;
    }
}
