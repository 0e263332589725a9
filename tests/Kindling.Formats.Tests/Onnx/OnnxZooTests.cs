extern alias quantization;

using Kindling.Formats.Onnx;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Graphs.Passes;
using Kindling.Zoo;
using quantization::Kindling.Quantization;

namespace Kindling.Tests.Onnx;

/// <summary>
/// The networks of the zoo, written: valid under onnx.checker with full shape inference (as far as the installed onnx knows the opset; see
/// <see cref="OnnxPeers"/>), and answered by ONNX Runtime as by the executor. <c>KINDLING_FULL=1</c> takes every network at its own size through every opset.
/// </summary>
public sealed class OnnxZooTests
{
    private const int SmallSide = 64;
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("KINDLING_FULL") == "1";
    private static readonly int[] AllOpsets = [.. Enumerable.Range(OnnxWriter.OldestOpset, OnnxWriter.NewestOpset - OnnxWriter.OldestOpset + 1)];

    // The two that are smallest on disk go through every opset, and each network through those where its operators changed their spelling.
    private static readonly string[] ThroughAll = ["mobilenet_v1_0.25", "squeezenet_v1.1"];
    private static readonly int[] SomeOpsets = [7, 17];
    private static readonly string[] Forms = ["trained", "folded"];

    public static TheoryData<string> Networks => [.. ZooCatalogue.Models.Select(m => m.Name).Where(n => !n.StartsWith("efficientnet", StringComparison.Ordinal)), "efficientnet_b0"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_of_the_zoo_is_valid_and_answered_alike_by_ONNX_Runtime(string name)
    {
        var model = ZooCatalogue.Find(name);
        var options = IsFull ? model.Defaults : model.Defaults with { Height = SmallSide, Width = SmallSide, Classes = 5 };
        // As it is trained, with dropout and batch normalization, and as convert writes it, with all of that folded.
        var trained = Decided(OnnxNetworks.Shaken(model.Build(options)));
        Graph[] graphs = [trained, Passes.ForInference(trained)];
        var opsets = IsFull || ThroughAll.Contains(name) ? AllOpsets : SomeOpsets;
        var shape = trained.Inputs[0].Shape;
        var input = OnnxNetworks.RandomInput(trained, 1);
        var bytes = OnnxPeers.Bytes(OnnxNetworks.ChannelsFirst<float>(input, shape));
        var answers = Array.ConvertAll(graphs, g => OnnxNetworks.Run(g, input));
        Assert.InRange(answers[0].Max() - answers[0].Min(), 0.25f / answers[0].Length, 0.99f);

        var written = (from i in new[] { 0, 1 } from opset in opsets select (Name: $"{name}_{Forms[i]}_{opset}", Model: OnnxWriter.ToBytes(graphs[i], opset), Expected: answers[i])).ToList();
        OnnxPeers.Check([.. written.Select(w => (w.Name, w.Model))]);
        var jobs = written.Select(w => new OnnxPeers.Job(w.Name, w.Model, "float32", [1, shape.Channels, shape.Height, shape.Width], bytes)).ToList();
        var worst = 0f;
        foreach (var ((job, output, error), (_, _, expected)) in OnnxPeers.Run(jobs).Zip(written))
        {
            Assert.True(output is not null, $"{job.Name}: {error}");
            var actual = OnnxPeers.Floats(output);
            OnnxRoundTripTests.AssertClose(expected, actual, 1e-4f);
            worst = MathF.Max(worst, expected.Zip(actual).Max(p => MathF.Abs(p.First - p.Second)) / expected.Max());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: opsets {opsets[0]} to {opsets[^1]} ({opsets.Length}), largest relative difference {worst:E1}");
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_of_the_zoo_in_int8_is_valid_in_both_forms(string name)
    {
        var model = ZooCatalogue.Find(name);
        var options = IsFull ? model.Defaults : model.Defaults with { Height = SmallSide, Width = SmallSide, Classes = 5 };
        var graph = OnnxNetworks.Int8(OnnxNetworks.Shaken(model.Build(options)), new QuantizationOptions());
        OnnxPeers.Check(
        [
            .. from form in new[] { (Name: OnnxQuantization.Qdq, Oldest: 13), (Name: OnnxQuantization.QOperator, Oldest: 12) }
               from opset in IsFull ? AllOpsets.Where(o => o >= form.Oldest) : [form.Oldest, OnnxWriter.DefaultOpset]
               from weights in Enum.GetValues<OnnxWeights>()
               select ($"{name}_{form.Name}_{opset}_{weights}", OnnxWriter.ToBytes(graph, opset, form.Name, weights)),
        ]);
    }

    // Fresh weights give every class nearly the same score; the classifier is scaled so that the scores spread.
    private static Graph Decided(Graph graph)
    {
        const float Spread = 2;
        var scores = graph.Producer(graph.Outputs[0])!.Inputs[0];
        var logits = OnnxNetworks.Run(new Graph(graph.Name, graph.Inputs, [scores], [.. graph.Nodes.SkipLast(1)], graph.Metadata), OnnxNetworks.RandomInput(graph, 1));
        var mean = logits.Average();
        var deviation = MathF.Sqrt(logits.Average(l => (l - mean) * (l - mean)));
        foreach (var parameter in graph.Nodes.Last(n => n.Operator is Conv2D or Dense).Inputs.Where(i => i.IsConstant))
        {
            foreach (ref var weight in parameter.Constant!.AsSpan<float>())
                weight *= Spread / deviation;
        }

        return graph;
    }
}
