using System.Diagnostics;

namespace Kindling.Fuzz;

/// <summary>What came of the altered files.</summary>
internal sealed class Tally
{
    private const double SlowestSeconds = 1;
    private const long LargestAllocation = 1L << 30;

    public long Count { get; private set; }

    public long Read { get; private set; }

    public long Refused { get; private set; }

    public double Slowest { get; private set; }

    public long Largest { get; private set; }

    public List<string> Faults { get; } = [];

    /// <summary>Reads one altered file.</summary>
    public void Run(Format format, long number, byte[] bytes)
    {
        var memory = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        try
        {
            format.Read(bytes);
            Read++;
        }
        catch (KindlingException)
        {
            Refused++;
        }
        catch (Exception e)
        {
            Faults.Add($"{number}: {e.GetType().Name}: {e.Message.Split('\n')[0]}\n{e.StackTrace?.Split('\n').FirstOrDefault()}");
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        memory = GC.GetAllocatedBytesForCurrentThread() - memory;
        // On a busy machine another process may have had the processor: what counts is the time this one had.
        if (seconds > SlowestSeconds)
            seconds = ProcessorSeconds(format, bytes);
        if (seconds > SlowestSeconds)
            Faults.Add($"{number}: {seconds:F1} s");
        if (memory > LargestAllocation)
            Faults.Add($"{number}: {memory >> 20} MiB");
        (Slowest, Largest) = (Math.Max(Slowest, seconds), Math.Max(Largest, memory));
        Count++;
    }

    public override string ToString() =>
        $"{Count} altered files: {Read} read, {Refused} refused, {Faults.Count} faults; slowest {Slowest * 1000:F0} ms, largest {Largest >> 20} MiB";

    private static double ProcessorSeconds(Format format, byte[] bytes)
    {
        using var process = Process.GetCurrentProcess();
        var start = process.TotalProcessorTime;
        try
        {
            format.Read(bytes);
        }
        catch (KindlingException)
        {
            // Counted the first time.
        }

        process.Refresh();
        return (process.TotalProcessorTime - start).TotalSeconds;
    }
}
