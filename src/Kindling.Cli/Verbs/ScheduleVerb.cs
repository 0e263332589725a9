using System.CommandLine;
using System.Globalization;
using System.Text;
using Kindling.Cli.Configuration;
using Kindling.Cli.Hosting;
using Kindling.Cli.Pipeline;
using Kindling.IO;
using Kindling.Reports.Charts;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling schedule</c>: the learning rate of each epoch before anything is trained.</summary>
internal sealed class ScheduleVerb : Verb
{
    private const int Columns = 72;
    private const int Rows = 14;
    private readonly Argument<string> _config;
    private readonly Argument<string[]> _overrides;
    private readonly Option<string?> _svg;

    public ScheduleVerb()
        : base(
            "schedule", "Draws the learning rate of each epoch of a user_config.yaml without training; its photos need not be there.",
            "kindling schedule examples/flowers_squeezenet_v1.1_128.yaml", "kindling schedule my.yaml training.epochs=300 --svg schedule.svg")
    {
        _config = Add(new Argument<string>("CONFIG") { Description = "The YAML file." });
        _overrides = Add(new Argument<string[]>("OVERRIDES") { Description = "key=value sets a key, ~key removes one.", Arity = ArgumentArity.ZeroOrMore });
        _svg = Add(new Option<string?>("--svg") { Description = "Also writes the curve as an SVG drawing.", HelpName = "FILE" });
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        // The rates do not depend on the photos, so that none are asked for.
        string[] overrides = [.. arguments.GetValue(_overrides) ?? [], "operation_mode=training", $"dataset={{name: {DatasetConfig.Synthetic}}}"];
        var training = new ConfigurationLoader().LoadFile(arguments.GetRequiredValue(_config), overrides).Training!;
        var constant = TrainingFactory.Optimizer(training.Optimizer).LearningRate;
        var schedule = TrainingFactory.Schedule(training);
        float[] rates = [.. Enumerable.Range(0, training.Epochs).Select(e => schedule?.At(e) ?? constant)];
        if (schedule is null && training.Callbacks.Any(c => c.Name == "ReduceLROnPlateau"))
            context.Terminal.Info("ReduceLROnPlateau lowers the rate by what the training brings; only where it begins is known");
        if (arguments.GetValue(_svg) is { } path)
        {
            var points = rates.Select((rate, epoch) => ((double)epoch + 1, (double)rate)).ToList();
            AtomicFile.Write(path, new LineChart("Learning rate", "epoch", [new Series("learning rate", points)]) { Width = 720, Height = 320 }.ToSvg().ToString());
        }

        return new VerbResult(new ScheduleDocument(training.Epochs, rates), Draw(rates));
    }

    private static string Draw(float[] rates)
    {
        var most = Math.Max(rates.Max(), float.Epsilon);
        var columns = Math.Min(Columns, rates.Length);
        var text = new StringBuilder();
        for (var row = Rows; row >= 1; row--)
        {
            var bars = Enumerable.Range(0, columns).Select(c => rates[(int)((long)c * rates.Length / columns)] / most * Rows);
            var label = row == Rows ? most.ToString("G3", CultureInfo.InvariantCulture) : "";
            text.Append(CultureInfo.InvariantCulture, $"{label,9} |{string.Concat(bars.Select(b => b >= row - 0.25 ? '#' : b >= row - 0.75 ? '.' : ' ')).TrimEnd()}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{0,9} +{new string('-', columns)}\n");
        text.Append(CultureInfo.InvariantCulture, $"{"epoch",9}  1{rates.Length.ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(1, columns - 1))}\n");
        text.Append(CultureInfo.InvariantCulture, $"first {rates[0]:G4}, highest {rates.Max():G4}, last {rates[^1]:G4}");
        return text.ToString();
    }
}

/// <summary>A schedule as JSON.</summary>
internal sealed record ScheduleDocument(int Epochs, IReadOnlyList<float> LearningRates);
