using Kindling.Formats.Onnx;

namespace Kindling.Tests.Onnx;

/// <summary>The reader against ONNX Runtime: each operator form at each opset it exists at, over random extents.</summary>
public sealed class OnnxFormTests
{
    // ONNX Runtime promises opset 7 and newer. Older files are held against the same network written at opset 12, which changed no meaning but spelling.
    private const int OldestOfRuntime = 7;
    private const int Modern = 12;

    [Fact]
    public void Every_operator_form_gives_at_every_opset_from_3_to_21_what_ONNX_Runtime_gives()
    {
        var trials = new List<(string Name, OnnxDraft Draft)>();
        var jobs = new List<OnnxPeers.Job>();
        foreach (var (form, index) in OnnxForms.All.Select((f, i) => (f, i)))
        {
            foreach (var opset in OnnxForms.Opsets.Where(o => o >= form.First && o <= form.Last))
            {
                var seed = (index * 100) + opset;
                var draft = new OnnxDraft(opset, seed);
                form.Write(draft);
                var expected = draft;
                if (opset < OldestOfRuntime)
                {
                    expected = new OnnxDraft(Math.Min(Modern, form.Last), seed);
                    form.Write(expected);
                }

                trials.Add(($"{form.Name} at opset {opset}, [{string.Join(", ", draft.Dims)}]", draft));
                jobs.Add(new OnnxPeers.Job(form.Name, expected.Bytes, "float32", draft.Dims, OnnxPeers.Bytes(draft.Input()), "disabled"));
            }
        }

        Assert.True(trials.Count > 1000, $"only {trials.Count} trials");
        var failures = new List<string>();
        foreach (var ((name, draft), (_, output, error)) in trials.Zip(OnnxPeers.Run(jobs)))
        {
            if (output is null)
            {
                failures.Add($"{name}: ONNX Runtime: {error}");
                continue;
            }

            var fault = Compare(draft, OnnxPeers.Floats(output), name);
            if (fault is not null)
                failures.Add($"{name}: {fault}");
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {trials.Count}:\n{string.Join('\n', failures)}");
    }

    private static string? Compare(OnnxDraft draft, float[] expected, string name)
    {
        float[] actual;
        try
        {
            actual = OnnxCases.Run(OnnxReader.Read(draft.Bytes, name), draft.Input(), draft.Dims, false);
        }
        catch (ModelFormatException fault)
        {
            return fault.Message;
        }

        var largest = expected.Max(MathF.Abs);
        return expected.Length == actual.Length && expected.Zip(actual).All(p => MathF.Abs(p.First - p.Second) <= largest * 1e-4f)
            ? null
            : $"[{string.Join(", ", actual.Take(8))}] ({actual.Length}) instead of [{string.Join(", ", expected.Take(8))}] ({expected.Length})";
    }
}
