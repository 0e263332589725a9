using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Kindling.Tests.Onnx;

/// <summary>
/// ONNX Runtime (npm) and onnx.checker (Debian's python3-onnx), where they can be had. <c>KINDLING_ONNX_PYTHON</c> names a Python with a newer onnx.
/// </summary>
internal static class OnnxPeers
{
    private static readonly string Folder = Path.Combine(SharedData.Repository, "tests", "peers", "onnx");
    private static readonly Lock Installing = new();

    /// <summary>A model with its input, in the order of ONNX.</summary>
    /// <param name="Name">What messages call it.</param>
    /// <param name="Model">The file.</param>
    /// <param name="Type">The input's element type.</param>
    /// <param name="Dims">The input's extents.</param>
    /// <param name="Input">Its elements.</param>
    /// <param name="Level">How far ONNX Runtime rewrites the graph.</param>
    /// <param name="IsPrecise">True for int8 weights: without VNNI, x86 lets sums of two of their products with uint8 saturate otherwise.</param>
    public sealed record Job(string Name, byte[] Model, string Type, long[] Dims, byte[] Input, string Level = "all", bool IsPrecise = false);

    /// <summary>What ONNX Runtime answers to each model; the message instead where it fails.</summary>
    public static List<(Job Job, byte[]? Output, string? Error)> Run(IReadOnlyList<Job> jobs)
    {
        Install();
        using var folder = new Temporary();
        var list = jobs.Select((job, i) =>
        {
            File.WriteAllBytes(folder.File($"{i}.onnx"), job.Model);
            File.WriteAllBytes(folder.File($"{i}.in"), job.Input);
            return new
            {
                model = folder.File($"{i}.onnx"),
                input = folder.File($"{i}.in"),
                output = folder.File($"{i}.out"),
                type = job.Type,
                dims = job.Dims,
                level = job.Level,
                precise = job.IsPrecise,
            };
        });
        File.WriteAllText(folder.File("jobs.json"), JsonSerializer.Serialize(list));
        var (code, output) = Start("node", Folder, "run.mjs", folder.File("jobs.json"));
        var lines = output.Split('\n').Where(l => l.StartsWith('{')).ToList();
        Assert.True(code == 0 && lines.Count == jobs.Count, $"ONNX Runtime ended with {code}: {output}");
        return [.. jobs.Select((job, i) =>
        {
            using var line = JsonDocument.Parse(lines[i]);
            return line.RootElement.TryGetProperty("error", out var error)
                ? (job, (byte[]?)null, error.GetString()) : (job, File.ReadAllBytes(folder.File($"{i}.out")), null);
        })];
    }

    /// <summary>Runs the checker over files; the test is skipped when python3-onnx is not installed.</summary>
    public static void Check(IReadOnlyList<(string Name, byte[] Model)> models)
    {
        var given = Environment.GetEnvironmentVariable("KINDLING_ONNX_PYTHON");
        var python = given ?? "/usr/bin/python3";
        if (!File.Exists(python) || Start(python, Folder, "-c", "import onnx").Code != 0)
        {
            Assert.True(given is null, $"KINDLING_ONNX_PYTHON: {given} has no onnx");
            Assert.Skip("python3-onnx is not installed");
        }

        using var folder = new Temporary();
        var paths = models.Select(m =>
        {
            var path = folder.File($"{m.Name}.onnx");
            File.WriteAllBytes(path, m.Model);
            return path;
        });
        var (code, output) = Start(python, Folder, ["check.py", .. paths]);
        Assert.True(code == 0 && !output.Contains("NOTE", StringComparison.Ordinal), output);
        Assert.False(given is not null && output.Contains("SKIP", StringComparison.Ordinal), output);
    }

    public static float[] Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    public static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();

    private static void Install()
    {
        lock (Installing)
        {
            if (Directory.Exists(Path.Combine(Folder, "node_modules", "onnxruntime-node")))
                return;
            var (code, output) = Start("npm", Folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            if (code != 0)
                Assert.Skip($"onnxruntime-node cannot be installed from npm: {output.Trim()}");
        }
    }

    private static (int Code, string Output) Start(string program, string folder, params IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Skip($"{program} cannot be started: {e.Message}");
            throw;
        }
    }

    private sealed class Temporary : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kindling-onnx-");

        public string File(string name) => Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
