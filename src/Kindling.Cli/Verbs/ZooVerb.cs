using System.CommandLine;
using System.Globalization;
using System.Text;
using Kindling.Cli.Hosting;
using Kindling.Graphs;
using Kindling.Zoo;

namespace Kindling.Cli.Verbs;

/// <summary><c>kindling zoo</c>: the networks that can be trained.</summary>
internal sealed class ZooVerb : Verb
{
    public ZooVerb()
        : base(
            "zoo", "Lists the networks of the zoo, with their size and work at the input and the classes they were published for.",
            "kindling zoo", "kindling zoo --json")
    {
    }

    public override VerbResult Run(ParseResult arguments, VerbContext context)
    {
        var models = ZooCatalogue.Models.Select(Describe).ToList();
        return new VerbResult(new { Models = models }, Table(models));
    }

    private static ZooEntry Describe(ZooModel model)
    {
        var summary = GraphSummary.Of(model.Build(model.Defaults));
        var input = string.Create(CultureInfo.InvariantCulture, $"{model.Defaults.Height}x{model.Defaults.Width}x{model.Defaults.Channels}");
        return new ZooEntry(
            model.Name, model.Family, model.Version, model.Alpha, input, model.Defaults.Classes, summary.Parameters, summary.TrainableParameters,
            summary.Macs, model.Description, model.Paper);
    }

    private static string Table(IReadOnlyList<ZooEntry> models)
    {
        var name = models.Max(m => m.Name.Length);
        var section = models.Max(m => Section(m).Length);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{"name".PadRight(name)}  {"training.model".PadRight(section)}  {"input",-9} {"classes",7} {"parameters",11} {"macs",15}  paper\n");
        foreach (var m in models)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{m.Name.PadRight(name)}  {Section(m).PadRight(section)}  {m.Input,-9} {m.Classes,7} {m.Parameters,11:N0} {m.Macs,15:N0}  {m.Paper}\n");
        }

        return text.Append("Parameters include the statistics of batch normalization. kindling show NAME prints the layers.").ToString();
    }

    private static string Section(ZooEntry m) =>
        string.Create(CultureInfo.InvariantCulture, $"{m.Family} {m.Version}{(m.Alpha is null ? "" : $" {m.Alpha:0.0###}")}");
}

/// <summary>A network as <c>zoo --json</c> prints it.</summary>
internal sealed record ZooEntry(
    string Name, string Family, string Version, double? Alpha, string Input, int Classes, long Parameters, long TrainableParameters, long Macs,
    string Description, string Paper);
