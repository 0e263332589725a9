using System.CommandLine;
using System.Globalization;
using Kindling.Cli.Hosting;
using Kindling.Cli.Models;
using Kindling.Data;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Training;
using Kindling.Training.Averaging;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling average</c>: one network of several trainings of it.</summary>
internal sealed class AverageVerb : Verb
{
    private const int Batch = 32;
    private readonly Argument<string[]> _models;
    private readonly Option<string> _output;
    private readonly Option<string?> _shares;
    private readonly Option<bool> _greedy;
    private readonly Option<string> _data;
    private readonly SplitOptions _split;
    private readonly Option<int> _threads;

    public AverageVerb()
        : base(
            "average", "Averages the weights of several trainings of one network, which often generalizes better than each of them.",
            "kindling average first/float.safetensors second/float.safetensors --shares 0.4,0.6 --output mean.safetensors",
            "kindling average run*/float.safetensors --greedy --data flower_photos.zip --split 0.2 --seed 127 --output mean.safetensors")
    {
        _models = Add(new Argument<string[]>("MODEL") { Description = "Trained weights of one network that went on from the same start: .safetensors files written by Kindling. Of a saved_models/last.safetensors with an average of weights (training.ema) that average is taken.", Arity = ArgumentArity.OneOrMore });
        _output = Add(new Option<string>("--output") { Description = "The .safetensors file to write.", Required = true, HelpName = "FILE" });
        _shares = Add(new Option<string?>("--shares") { Description = "How much each counts, in their order, such as 0.4,0.6; by default all the same.", HelpName = "NUMBERS" });
        _greedy = Add(new Option<bool>("--greedy") { Description = "Begin with the most accurate and keep of the others, in order of accuracy, those that do not make the mean less accurate on --data." });
        _data = Add(CommonOptions.Data(isRequired: false));
        _split = new SplitOptions(Command);
        _threads = Add(CommonOptions.Threads());
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var (output, greedy, data) = (arguments.GetRequiredValue(_output), arguments.GetValue(_greedy), arguments.GetValue(_data));
        if (!Path.GetExtension(output).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new KindlingException($"--output {output}: averaged weights are written as .safetensors; kindling convert makes other formats of them");
        if (greedy && (data is null || arguments.GetValue(_shares) is not null))
            throw new KindlingException("--greedy chooses by the accuracy on --data, and lets all that it keeps count the same: it needs --data and takes no --shares");
        var paths = arguments.GetRequiredValue(_models);
        var shares = Shares(arguments.GetValue(_shares), paths.Length);
        var graphs = paths.Select(Read).ToList();
        var (mean, description) = ModelFile.ReadForTraining(paths[0], null);
        using var pool = new WorkerPool(arguments.GetValue(_threads));
        var source = data is null ? null : Open(data, mean, arguments, context);
        double? Accuracy(IEnumerable<int> kept)
        {
            WeightSoup.Mix(mean, [.. kept.Select(i => (graphs[i], shares[i]))]);
            return source is null ? null : Evaluator.Evaluate(mean, source, pool, context.Cancellation).Accuracy;
        }

        // Files of different networks are refused before any of them is evaluated.
        WeightSoup.Mix(mean, [.. graphs.Zip(shares)]);
        var alone = Enumerable.Range(0, graphs.Count).Select(i => Accuracy([i])).ToList();
        var kept = greedy ? Choose([.. alone.Select(a => a!.Value)], k => Accuracy(k)!.Value) : [.. Enumerable.Range(0, graphs.Count)];
        var accuracy = Accuracy(kept);
        Checkpoint.SaveWeights(mean, output, description);
        var document = new AverageDocument(output, accuracy, [.. paths.Select((p, i) => new AveragedModel(p, kept.Contains(i) ? shares[i] / kept.Sum(k => shares[k]) : 0, alone[i]))]);
        return new VerbResult(document, document.ToText());
    }

    /// <summary>The greedy soup: the best, and in order of accuracy every further one that does not lower the mean's accuracy.</summary>
    internal static List<int> Choose(IReadOnlyList<double> alone, Func<IReadOnlyList<int>, double> accuracyOfMean)
    {
        var order = Enumerable.Range(0, alone.Count).OrderByDescending(i => alone[i]).ToList();
        List<int> kept = [order[0]];
        var best = alone[order[0]];
        foreach (var candidate in order.Skip(1))
        {
            var accuracy = accuracyOfMean([.. kept, candidate]);
            if (accuracy < best)
                continue;
            kept.Add(candidate);
            best = accuracy;
        }

        return kept;
    }

    private static Graph Read(string path)
    {
        if (!File.Exists(path))
            throw new KindlingException($"model {path} does not exist");
        if (!Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new KindlingException($"model {path}: only .safetensors files written by Kindling hold weights as they were trained, which can be averaged");
        var graph = ModelFile.ReadForTraining(path, null).Graph;
        Checkpoint.LoadAveragedWeights(graph, path);
        return graph;
    }

    private static double[] Shares(string? text, int count)
    {
        if (text is null)
            return [.. Enumerable.Repeat(1.0 / count, count)];
        var shares = text.Split(',', StringSplitOptions.TrimEntries)
            .Select(t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) ? share : double.NaN).ToArray();
        if (shares.Length != count || shares.Any(s => !(s > 0 && double.IsFinite(s))))
            throw new KindlingException($"--shares {text}: {count} numbers above 0 are needed, one for each model, such as {string.Join(",", Enumerable.Repeat("1", count))}");
        return shares;
    }

    private IEvaluationSource Open(string data, Graph graph, ParseResult arguments, VerbContext context)
    {
        var preprocessing = graph.Metadata.Preprocessing
            ?? throw new KindlingException($"{graph.Name} does not say how photos are prepared; without --data nothing is evaluated");
        using var dataset = CommonOptions.OpenData(data);
        var photos = _split.Choose(dataset, arguments);
        return new EvaluationFeed(Photos.Decode(photos, preprocessing, "decoding photos", arguments.GetValue(_threads), false, context), Batch).AsSource();
    }
}

/// <summary>Averaged weights as JSON.</summary>
/// <param name="Output">The file.</param>
/// <param name="Top1">Accuracy of the mean, from 0 to 1; absent without photos.</param>
/// <param name="Models">What it was made of.</param>
internal sealed record AverageDocument(string Output, double? Top1, IReadOnlyList<AveragedModel> Models)
{
    /// <summary>The table that is printed.</summary>
    public string ToText()
    {
        var width = Models.Select(m => m.Model.Length).Append(Output.Length).Max();
        var lines = Models.Select(m => (m.Model, Share: m.Share > 0 ? string.Create(CultureInfo.InvariantCulture, $"{m.Share:F3}") : "left out", m.Top1)).Append((Output, "mean", Top1));
        return string.Join('\n', lines.Select(l => string.Create(
            CultureInfo.InvariantCulture, $"{l.Item1.PadRight(width)}  {l.Item2,8}{(l.Item3 is { } top1 ? $"  top-1 {top1 * 100:F2} %" : "")}")));
    }
}

/// <summary>One of the averaged models.</summary>
/// <param name="Model">The file.</param>
/// <param name="Share">How much it counts in the mean; 0 when it was left out.</param>
/// <param name="Top1">Its accuracy alone, at the input size of the first.</param>
internal sealed record AveragedModel(string Model, double Share, double? Top1);
