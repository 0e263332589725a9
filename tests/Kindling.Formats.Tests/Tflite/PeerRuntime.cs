using System.Diagnostics;
using System.Text.Json;

namespace Kindling.Tests.Tflite;

/// <summary>Another TFLite runtime: tfjs-tflite's WebAssembly module under Node (<c>tests/peers/tflite</c>).</summary>
internal static class PeerRuntime
{
    /// <summary>Runs a model on one input and returns the first output; skips the running test when the runtime is not installed.</summary>
    public static float[] Run(byte[] model, byte[] input)
    {
        var peer = Path.Combine(SharedData.Repository, "tests", "peers", "tflite");
        if (!Directory.Exists(Path.Combine(peer, "node_modules", "@tensorflow", "tfjs-tflite")))
            Assert.Skip("tfjs-tflite is not installed: run `npm ci --ignore-scripts` in tests/peers/tflite");
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var modelPath = Path.Combine(folder.FullName, "model.tflite");
            var inputPath = Path.Combine(folder.FullName, "input.raw");
            File.WriteAllBytes(modelPath, model);
            File.WriteAllBytes(inputPath, input);
            using var document = JsonDocument.Parse(Node(Path.Combine(peer, "run.mjs"), modelPath, inputPath));
            var output = document.RootElement.GetProperty("outputs")[0];
            return [.. output.GetProperty("values").EnumerateArray().Select(v => v.GetSingle())];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Node(params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("node is not installed");
        }

        using (process)
        {
            var errors = process!.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            Assert.True(process.WaitForExit(60_000), "the other runtime did not finish within a minute");
            Assert.True(process.ExitCode == 0, $"the other runtime failed: {errors.Result}");
            return output;
        }
    }
}
