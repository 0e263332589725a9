using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Training;

/// <summary>Runs a float network as an inference engine does and scores it.</summary>
public static class Evaluator
{
    private const double LeastProbability = 1e-7;

    /// <summary>Evaluates a graph whose output is class probabilities (after a softmax) or scores.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="source">The images.</param>
    /// <param name="pool">Threads; null for one of its own.</param>
    /// <param name="cancellationToken">Asked between batches.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EvaluationResult Evaluate(Graph graph, IEvaluationSource source, WorkerPool? pool = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(source);
        using var executor = Executor.Compile(graph, new ExecutorOptions { Batch = source.BatchSize, Pool = pool });
        var labels = new int[source.BatchSize];
        var classes = graph.Outputs[0].Shape.Channels;
        var areProbabilities = graph.Producer(graph.Outputs[0])?.Operator is Softmax;
        var (images, correct, loss) = (0, 0, 0.0);
        for (var batch = 0; batch < source.BatchCount; batch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = source.Fill(batch, executor.Input<float>(), labels, pool);
            executor.Run();
            var scores = executor.Output<float>();
            for (var n = 0; n < count; n++)
            {
                var row = scores.Slice(n * classes, classes);
                correct += IndexOfLargest(row) == labels[n] ? 1 : 0;
                loss -= Math.Log(Math.Max(areProbabilities ? row[labels[n]] : Probability(row, labels[n]), LeastProbability));
            }

            images += count;
        }

        return new EvaluationResult(images, loss / Math.Max(1, images), (double)correct / Math.Max(1, images));
    }

    private static int IndexOfLargest(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var c = 1; c < row.Length; c++)
        {
            if (row[c] > row[best])
                best = c;
        }

        return best;
    }

    private static double Probability(ReadOnlySpan<float> scores, int label)
    {
        double sum = 0;
        foreach (var score in scores)
            sum += Math.Exp(score - scores[label]);
        return 1 / sum;
    }
}
