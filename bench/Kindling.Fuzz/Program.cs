using System.Diagnostics;
using System.Globalization;
using Kindling;
using Kindling.Fuzz;

// Usage: --format tflite|onnx|safetensors|net|h5|all [--count N] [--seconds S] [--seed K] [--corpus PATH]...
// The n-th altered file depends on the format, the seed and n only, so a fault is found again by --from n --count 1.
var settings = new Dictionary<string, string> { ["--format"] = "all", ["--count"] = "100000", ["--seconds"] = "600", ["--seed"] = "1", ["--from"] = "0" };
var corpus = new List<string>();
for (var i = 0; i + 1 < args.Length; i += 2)
{
    if (args[i] == "--corpus")
        corpus.Add(args[i + 1]);
    else if (settings.ContainsKey(args[i]) || args[i] == "--child")
        settings[args[i]] = args[i + 1];
    else
        throw new KindlingException($"{args[i]} is unknown; allowed are {string.Join(", ", settings.Keys)} and --corpus");
}

var faults = 0;
foreach (var name in settings["--format"] == "all" ? Format.Names.Where(n => n != "h5" || corpus.Count > 0) : [settings["--format"]])
{
    var format = Format.Find(name, corpus);
    var (from, count) = (Number("--from"), Number("--count"));
    faults += format.IsNative && !settings.ContainsKey("--child") ? RunGuarded(name, from, count) : RunHere(name, format, from, count);
}

return faults == 0 ? 0 : 1;

int RunHere(string name, Format format, long from, long count)
{
    var tally = new Tally();
    var clock = Stopwatch.StartNew();
    var progress = settings.GetValueOrDefault("--child");
    for (var n = from; n < from + count && clock.Elapsed.TotalSeconds < Number("--seconds"); n++)
    {
        if (progress is not null)
            File.WriteAllText(progress, n.ToString(CultureInfo.InvariantCulture));
        var random = new Random(HashCode(Number("--seed"), n));
        tally.Run(format, n, Mutator.Change(format.Seeds[random.Next(format.Seeds.Count)], random));
    }

    Console.WriteLine($"{name}: {tally}; {clock.Elapsed.TotalSeconds:F0} s");
    foreach (var fault in tally.Faults.Take(20))
        Console.WriteLine($"  {fault}");
    return tally.Faults.Count;
}

// A native library's crash ends the process that runs it: a child, which is started again behind the file that did it.
int RunGuarded(string name, long from, long count)
{
    var progress = Path.GetTempFileName();
    var crashes = 0;
    var end = from + count;
    var clock = Stopwatch.StartNew();
    while (from < end && clock.Elapsed.TotalSeconds < Number("--seconds"))
    {
        var left = Number("--seconds") - (long)clock.Elapsed.TotalSeconds;
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        string[] arguments =
        [
            .. Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? new[] { Environment.GetCommandLineArgs()[0] } : [],
            "--format", name, "--from", $"{from}", "--count", $"{end - from}", "--seconds", $"{left}", "--seed", settings["--seed"], "--child", progress,
            .. corpus.SelectMany(c => new[] { "--corpus", c }),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var child = Process.Start(start)!;
        child.WaitForExit();
        var last = long.Parse(File.ReadAllText(progress), CultureInfo.InvariantCulture);
        if (child.ExitCode is 0 or 1)
        {
            from = last + 1;
            crashes += child.ExitCode;
            break;
        }

        Console.WriteLine($"  {last}: the process ended with {child.ExitCode}");
        crashes++;
        from = last + 1;
    }

    File.Delete(progress);
    Console.WriteLine($"{name}: {from} altered files, {crashes} faults and crashes");
    return crashes;
}

long Number(string key) => long.Parse(settings[key], CultureInfo.InvariantCulture);

static int HashCode(long seed, long n) => unchecked((int)((((ulong)seed * 0x9E3779B97F4A7C15) + (ulong)n) * 0xBF58476D1CE4E5B9 >> 32));
