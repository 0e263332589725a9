using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kindling.Benchmarks;

/// <summary>Time of the calling thread on its core: what a neighbour takes away does not count. Wall time where the system cannot tell.</summary>
internal static partial class ThreadClock
{
    private const int ProcessCpuTime = 2;
    private const int ThreadCpuTime = 3;

    /// <summary>What <see cref="Seconds"/> counts.</summary>
    public static string Name => OperatingSystem.IsLinux() ? "thread CPU time" : "wall time";

    /// <summary>Seconds since some fixed moment.</summary>
    public static double Seconds() => Read(ThreadCpuTime);

    /// <summary>The same of all threads of the process together.</summary>
    public static double ProcessSeconds() => Read(ProcessCpuTime);

    /// <summary>Seconds of an action: of its thread when it uses one, by the wall when it uses more.</summary>
    public static double Measure(int threads, Action action)
    {
        if (threads == 1)
        {
            var start = Seconds();
            action();
            return Seconds() - start;
        }

        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Read(int clock)
    {
        if (!OperatingSystem.IsLinux() || ClockGetTime(clock, out var time) != 0)
            return (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
        return time.Seconds + (time.Nanoseconds * 1e-9);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
