namespace Kindling.Cli.Pipeline;

/// <summary>What this machine is, for reports.</summary>
internal static class Machine
{
    /// <summary>The processor's name.</summary>
    public static string Processor()
    {
        const string path = "/proc/cpuinfo";
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }
}
