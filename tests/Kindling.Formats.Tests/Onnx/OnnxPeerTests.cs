using Kindling.Formats.Onnx;
using Kindling.Graphs;
using Kindling.Numerics;
using Kindling.Tensors;

namespace Kindling.Tests.Onnx;

/// <summary>Written files are valid, and ONNX Runtime answers what Kindling's executor answers.</summary>
public sealed class OnnxPeerTests
{
    public static MatrixTheoryData<OnnxQuantization, OnnxWeights> Forms => new(Enum.GetValues<OnnxQuantization>(), Enum.GetValues<OnnxWeights>());

    [Fact]
    public void Every_float_network_is_valid_at_every_opset_with_full_shape_inference() => OnnxPeers.Check(
    [
        .. from f in OnnxNetworks.Float
           from opset in Enumerable.Range(OnnxWriter.OldestOpset, OnnxWriter.NewestOpset - OnnxWriter.OldestOpset + 1)
           select ($"{f.Name}_{opset}", OnnxWriter.ToBytes(f.Graph, opset)),
    ]);

    [Fact]
    public void Every_int8_network_is_valid_in_both_forms_with_weights_of_both_types() => OnnxPeers.Check(
    [
        .. from name in new[] { "squeeze", "mobile", "excite", "flatten", "curves" }
           from form in new[] { (OnnxQuantization.Qdq, 13), (OnnxQuantization.Qdq, 17), (OnnxQuantization.QOperator, 12), (OnnxQuantization.QOperator, 17) }
           from weights in Enum.GetValues<OnnxWeights>()
           from type in new[] { ElementType.Float32, ElementType.UInt8, ElementType.Int8 }
           select ($"{name}_{form.Item1}_{form.Item2}_{weights}_{type}", OnnxWriter.ToBytes(OnnxNetworks.Int8(name, type, type), form.Item2, form.Item1, weights)),
    ]);

    [Fact]
    public void ONNX_Runtime_gives_the_same_answers_for_float_networks_at_every_opset_and_for_a_batch()
    {
        var jobs = new List<OnnxPeers.Job>();
        var expected = new List<float[]>();
        foreach (var (name, graph) in OnnxNetworks.Float)
        {
            float[][] images = [OnnxNetworks.RandomInput(graph, 1), OnnxNetworks.RandomInput(graph, 2)];
            var answers = images.SelectMany(i => OnnxNetworks.ChannelsFirst<float>(OnnxNetworks.Run(graph, i), graph.Outputs[0].Shape)).ToArray();
            var input = OnnxPeers.Bytes([.. images.SelectMany(i => OnnxNetworks.ChannelsFirst<float>(i, graph.Inputs[0].Shape))]);
            for (var opset = OnnxWriter.OldestOpset; opset <= OnnxWriter.NewestOpset; opset++)
            {
                jobs.Add(new OnnxPeers.Job($"{name} at opset {opset}", OnnxWriter.ToBytes(graph, opset), "float32", Dims(graph, 2), input));
                expected.Add(answers);
            }
        }

        foreach (var ((job, output, error), answers) in OnnxPeers.Run(jobs).Zip(expected))
        {
            Assert.True(output is not null, $"{job.Name}: {error}");
            OnnxRoundTripTests.AssertClose(answers, OnnxPeers.Floats(output), 1e-4f);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void ONNX_Runtime_answers_an_int8_network_within_a_few_steps_of_the_integer_executor(OnnxQuantization form, OnnxWeights weights) =>
        AssertSteps(
            form, weights, 4, Int8Arithmetic.TfliteMicro,
            [
                .. from name in new[] { "squeeze", "mobile", "excite", "flatten", "curves" }
                   from type in new[] { ElementType.UInt8, ElementType.Int8 }
                   select OnnxNetworks.Int8(name, type, type),
            ]);

    [Theory]
    [MemberData(nameof(Forms))]
    public void ONNX_Runtime_answers_a_random_int8_network_within_a_step_of_the_arithmetic_of_ONNX(OnnxQuantization form, OnnxWeights weights) =>
        AssertSteps(form, weights, 1, Int8Arithmetic.Xnnpack, [.. Enumerable.Range(1, 40).Select(OnnxNetworks.RandomInt8)]);

    [Fact]
    public void Models_written_by_others_give_in_the_executor_what_ONNX_Runtime_gives()
    {
        var cases = OnnxCases.All.ToList();
        var inputs = cases.Select(c => c.Input()).ToList();
        // What makes products of int8 weights exact is a rewriting of the extended level.
        var jobs = cases.Select((c, i) => new OnnxPeers.Job(
            c.Name, c.File.Bytes, "float32", c.Dims, OnnxPeers.Bytes(inputs[i]), c.HasInt8Products ? "extended" : "disabled", c.HasInt8Products)).ToList();
        var failures = new List<string>();
        foreach (var ((job, output, error), (@case, input)) in OnnxPeers.Run(jobs).Zip(cases.Zip(inputs)))
        {
            if (output is null)
            {
                failures.Add($"{job.Name}: ONNX Runtime: {error}");
                continue;
            }

            var graph = OnnxReader.Read(job.Model, job.Name);
            var actual = OnnxCases.Run(graph, input, @case.Dims, @case.IsChannelsLast);
            var expected = OnnxPeers.Floats(output);
            var largest = expected.Max(MathF.Abs);
            var fits = expected.Length == actual.Length && expected.Zip(actual).All(p => MathF.Abs(p.First - p.Second) <= largest * @case.Tolerance);
            if (!fits)
            {
                failures.Add(
                    $"{job.Name}: [{string.Join(", ", actual.Take(12))}] ({actual.Length}) instead of [{string.Join(", ", expected.Take(12))}] ({expected.Length})");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static void AssertSteps(OnnxQuantization form, OnnxWeights weights, int steps, Int8Arithmetic arithmetic, IReadOnlyList<Graph> graphs)
    {
        const int Inputs = 3;
        var jobs = new List<OnnxPeers.Job>();
        var expected = new List<byte[]>();
        foreach (var graph in graphs)
        {
            var model = OnnxWriter.ToBytes(graph, form == OnnxQuantization.Qdq ? 13 : 12, form, weights);
            for (var seed = 0; seed < Inputs; seed++)
            {
                var input = OnnxNetworks.RandomBytes(graph, seed);
                jobs.Add(new OnnxPeers.Job(
                    $"{graph.Name} {graph.Inputs[0].Type}", model, graph.Inputs[0].Type.Name(), Dims(graph, 1),
                    OnnxNetworks.ChannelsFirst<byte>(input, graph.Inputs[0].Shape), IsPrecise: weights == OnnxWeights.Int8));
                expected.Add(OnnxNetworks.RunBytes(graph, input, arithmetic));
            }
        }

        var answers = OnnxPeers.Run(jobs);
        for (var i = 0; i < answers.Count; i++)
        {
            var (job, output, error) = answers[i];
            Assert.True(output is not null, $"{job.Name}: {error}");
            var isSigned = graphs[i / Inputs].Outputs[0].Type == ElementType.Int8;
            var differences = expected[i].Zip(output).Select(p => isSigned ? (sbyte)p.First - (sbyte)p.Second : p.First - p.Second);
            Assert.True(
                output.Length == expected[i].Length && differences.All(d => Math.Abs(d) <= steps),
                $"{job.Name}: [{string.Join(", ", output)}] instead of [{string.Join(", ", expected[i])}]");
        }
    }

    private static long[] Dims(Graph graph, int batch)
    {
        var shape = graph.Inputs[0].Shape;
        return [batch, shape.Channels, shape.Height, shape.Width];
    }
}
