using Kindling.Formats.Onnx;
using Kindling.Graphs;
using Kindling.Tensors;

namespace Kindling.Tests.Onnx;

/// <summary>Written files are valid, and ONNX Runtime answers what Kindling's executor answers.</summary>
public sealed class OnnxPeerTests
{
    [Fact]
    public void Every_float_network_is_valid_at_every_opset_with_full_shape_inference() => OnnxPeers.Check(
    [
        .. from f in OnnxNetworks.Float
           from opset in Enumerable.Range(OnnxWriter.OldestOpset, OnnxWriter.NewestOpset - OnnxWriter.OldestOpset + 1)
           select ($"{f.Name}_{opset}", OnnxWriter.ToBytes(f.Graph, opset)),
    ]);

    [Fact]
    public void Every_int8_network_is_valid_in_both_forms() => OnnxPeers.Check(
    [
        .. from name in new[] { "squeeze", "mobile", "excite", "flatten", "curves" }
           from form in new[] { (OnnxQuantization.Qdq, 13), (OnnxQuantization.Qdq, 17), (OnnxQuantization.QOperator, 12), (OnnxQuantization.QOperator, 17) }
           from type in new[] { ElementType.Float32, ElementType.UInt8, ElementType.Int8 }
           select ($"{name}_{form.Item1}_{form.Item2}_{type}", OnnxWriter.ToBytes(OnnxNetworks.Int8(name, type, type), form.Item2, form.Item1)),
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
    [InlineData(OnnxQuantization.Qdq)]
    [InlineData(OnnxQuantization.QOperator)]
    public void ONNX_Runtime_answers_an_int8_network_within_a_few_steps_of_the_integer_executor(OnnxQuantization form)
    {
        var jobs = new List<OnnxPeers.Job>();
        var expected = new List<(Graph Graph, byte[] Bytes)>();
        foreach (var name in new[] { "squeeze", "mobile", "excite", "flatten", "curves" })
        {
            foreach (var type in new[] { ElementType.UInt8, ElementType.Int8 })
            {
                var graph = OnnxNetworks.Int8(name, type, type);
                for (var seed = 0; seed < 3; seed++)
                {
                    var input = OnnxNetworks.RandomBytes(graph, seed);
                    jobs.Add(new OnnxPeers.Job(
                        $"{name} {type}", OnnxWriter.ToBytes(graph, form == OnnxQuantization.Qdq ? 13 : 12, form), type.Name(), Dims(graph, 1),
                        OnnxNetworks.ChannelsFirst<byte>(input, graph.Inputs[0].Shape)));
                    expected.Add((graph, OnnxNetworks.RunBytes(graph, input)));
                }
            }
        }

        foreach (var ((job, output, error), (graph, bytes)) in OnnxPeers.Run(jobs).Zip(expected))
        {
            Assert.True(output is not null, $"{job.Name}: {error}");
            var isSigned = graph.Outputs[0].Type == ElementType.Int8;
            for (var i = 0; i < bytes.Length; i++)
            {
                var difference = isSigned ? (sbyte)bytes[i] - (sbyte)output[i] : bytes[i] - output[i];
                Assert.True(Math.Abs(difference) <= 4, $"{job.Name}: [{string.Join(", ", output)}] instead of [{string.Join(", ", bytes)}]");
            }
        }
    }

    [Fact]
    public void Models_written_by_others_give_in_the_executor_what_ONNX_Runtime_gives()
    {
        var cases = OnnxCases.All.ToList();
        var inputs = cases.Select(c => c.Input()).ToList();
        var jobs = cases.Select((c, i) => new OnnxPeers.Job(c.Name, c.File.Bytes, "float32", c.Dims, OnnxPeers.Bytes(inputs[i]), "disabled")).ToList();
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

    private static long[] Dims(Graph graph, int batch)
    {
        var shape = graph.Inputs[0].Shape;
        return [batch, shape.Channels, shape.Height, shape.Width];
    }
}
