using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Kindling.Benchmarks;
using Kindling.Deployment;

if (args is ["--quick", ..])
{
    QuickTable.Run(TimeSpan.FromSeconds(10));
}
else if (args is ["--layers", ..])
{
    LayerTable.Run(TimeSpan.FromSeconds(2), isInt8: false);
}
else if (args is ["--int8-layers", ..])
{
    LayerTable.Run(TimeSpan.FromSeconds(2), isInt8: true, args.ElementAtOrDefault(1) ?? "");
}
else if (args is ["--inference", ..])
{
    InferenceTable.Run(TimeSpan.FromSeconds(4), args.ElementAtOrDefault(1) ?? "", args.ElementAtOrDefault(2));
}
else if (args is ["--training", ..])
{
    TrainingTable.Run(TimeSpan.FromSeconds(16));
}
else if (args is ["--feed", ..])
{
    FeedTable.Run(args.ElementAtOrDefault(1), TimeSpan.FromSeconds(25));
}
else if (args is ["--training-profile", var network, var threads])
{
    TrainingTable.Profile(network, int.Parse(threads));
}
else if (args is ["--training-peers", ..])
{
    TrainingPeers.Run(args.ElementAtOrDefault(1) ?? "", args.ElementAtOrDefault(2));
}
else if (args is ["--training-scaling", ..])
{
    TrainingPeers.Scaling(args.ElementAtOrDefault(1) ?? "");
}
else if (args is ["--training-worker", var trained, var batch, var workers])
{
    TrainingWorker.Run(trained, int.Parse(batch), int.Parse(workers));
}
else if (args is ["--calibration", var published])
{
    CalibrationTable.Run(published);
}
else if (args is ["--mcu", var models, .. var goal])
{
    MicrocontrollerTable.Run(models, goal is [var name] ? Enum.Parse<OptimizationGoal>(name, ignoreCase: true) : OptimizationGoal.Balanced);
}
else
{
    // In the same process: the peak and the networks see the same clock and the same neighbours.
    var peak = QuickTable.PeakRate(QuickTable.Median([.. Enumerable.Range(0, 31).Select(_ => QuickTable.MeasurePeak())]));
    IConfig config = DefaultConfig.Instance
        .AddColumn(StatisticColumn.Median)
        .AddColumn(new NetworkColumn("Images/s", "from the median", (seconds, _, _) => 1 / seconds, "F0"))
        .AddColumn(new NetworkColumn(
            "Share of peak", $"of {peak / 1e9:F1} GFLOP/s a thread, {FmaPeak.Bits}-bit fused multiply-adds on registers, measured in this run",
            (seconds, network, threads) => 2.0 * Networks.Build(network).Macs / seconds / (peak * threads), "F2"));
    if (!args.Contains("--job"))
        config = config.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
    BenchmarkSwitcher.FromAssembly(typeof(Networks).Assembly).Run(args, config);
}
