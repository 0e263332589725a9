using System.Globalization;
using System.Text.RegularExpressions;
using Kindling.Tests;

namespace Kindling.Deployment.Tests;

public sealed class CalibrationTests
{
    private static readonly Calibration Published = Calibration.Published;

    [Fact]
    public void Eight_networks_on_the_board_of_reference_and_two_on_another_are_the_facts()
    {
        Assert.Equal(8, Published.Points.Count(p => p.Board == "STM32H747I-DISCO"));
        Assert.Equal(2, Published.Points.Count(p => p.Board == "STM32F769I-DISCO"));
        Assert.All(Published.Points, p => Assert.True(p.Instructions.Sum() > 1_000_000 && p.Cycles > p.Instructions.Sum() / 2));
    }

    [Fact]
    public void The_leave_one_out_error_is_that_of_fits_done_again_by_descent()
    {
        var points = Published.Points.Where(p => p.Board == "STM32H747I-DISCO").ToList();

        for (var i = 0; i < points.Count; i++)
        {
            var factors = Descend([.. points.Where((_, j) => j != i)]);
            var error = (factors.Zip(points[i].Instructions, (f, n) => f * n).Sum() / points[i].Cycles) - 1;
            Assert.Equal(error, Published.LeaveOneOutErrors[i], 1e-3);
        }

        Assert.Equal(Published.LeaveOneOutErrors.Average(Math.Abs), Published.MeanError);
        Assert.InRange(Published.MeanError, 0.001, 0.15);
        Assert.True(Published.MeanFamilyError > Published.MeanError);
    }

    [Fact]
    public void Times_that_follow_the_model_are_found_again()
    {
        double[] factors = [1.2, 1.3, 1.25];
        var points = Published.Points.Take(8).Select(p => p with { Milliseconds = factors.Zip(p.Instructions, (f, n) => f * n).Sum() / (p.ClockMhz * 1000) }).ToList();

        var fit = new Calibration(points);

        Assert.All(fit.CyclesPerInstruction.Zip(factors), pair => Assert.Equal(pair.Second, pair.First, 0.01));
        Assert.InRange(fit.MeanError, 0, 0.005);
    }

    [Fact]
    public void Another_boards_cycles_are_scaled_by_the_networks_published_on_both()
    {
        double Cycles(string board, string input) => Published.Points.Single(p => p.Board == board && p.Network == "st_efficientnet_lc_v1" && p.Input == input).Cycles;
        var expected = (Cycles("STM32F769I-DISCO", "128x128x3") / Cycles("STM32H747I-DISCO", "128x128x3")
            + Cycles("STM32F769I-DISCO", "224x224x3") / Cycles("STM32H747I-DISCO", "224x224x3")) / 2;

        Assert.Equal(expected, Published.ScaleOf("STM32F769I-DISCO")!.Value, 12);
        Assert.Equal(1, Published.ScaleOf("STM32H747I-DISCO"));
        Assert.Null(Published.ScaleOf("NUCLEO-H743ZI2"));
    }

    [Fact]
    public void An_estimate_is_the_sum_of_cycles_by_the_clock_and_never_below_two_instructions_a_cycle()
    {
        LayerInstructions[] layers = [new(0, "CONV_2D", "a", "", 4_000_000, 0), new(1, "DEPTHWISE_CONV_2D", "b", "", 2_000_000, 0), new(2, "ADD", "c", "", 1_000, 0)];
        var f = Published.CyclesPerInstruction;

        var time = TimeEstimate.Of(Targets.Find("stm32h7"), layers);

        Assert.Equal(((4_000_000 * f[0]) + (2_000_000 * f[1]) + (1_000 * f[2])) / 400_000, time.Milliseconds!.Value, 1e-9);
        Assert.Equal(6_001_000 * 0.5 / 400_000, time.LowestMilliseconds, 1e-9);
        Assert.Equal(Published.MeanError, time.Error);
    }

    [Fact]
    public void The_guide_states_the_factors_and_errors_that_the_facts_give()
    {
        var guide = File.ReadAllText(Path.Combine(SharedData.Repository, "docs", "deployment.md"));
        string Percent(double share) => (share * 100).ToString("F0", CultureInfo.InvariantCulture);
        var factors = string.Join(", ", Published.CyclesPerInstruction.Select(f => f.ToString("F2", CultureInfo.InvariantCulture)));

        Assert.Contains($"cycles an instruction: {factors}", Regex.Replace(guide, "\\s+", " "));
        Assert.Contains(
            $"leave-one-out error: {Percent(Published.MeanError)} % on average, {Percent(Published.LeaveOneOutErrors.Max(Math.Abs))} % at most; leaving out a whole family: "
            + $"{Percent(Published.MeanFamilyError)} % and {Percent(Published.LeaveOneFamilyOutErrors.Max(Math.Abs))} %",
            Regex.Replace(guide, "\\s+", " "));
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25", "96x96x3", "mobilenet_v1_0.25_96")]
    [InlineData("st_efficientnet_lc_v1", "128x128x3", "st_efficientnet_lc_v1_128")]
    public void The_instructions_in_the_table_are_still_about_those_that_are_counted(string network, string input, string file)
    {
        Boards.Require();
        var graph = Formats.Tflite.TfliteReader.Read(SharedData.Require($"models/st/{file}_flowers_int8.tflite"));
        var known = Published.Points.First(p => p.Network == network && p.Input == input).Instructions;

        var layers = DeploymentBenchmark.Run(graph, Targets.Find("stm32h7"), SampleInputs.Noise(graph, 1), layers: true).Layers;

        var counted = CalibrationPoint.Group(layers);
        Assert.True(
            Math.Abs(((double)counted.Sum() / known.Sum()) - 1) < 0.1,
            $"{string.Join(", ", counted)} instead of {string.Join(", ", known)}: rewrite calibration.tsv with the command at its head");
    }

    // Coordinate descent on sum((f . x / cycles - 1)^2) + 0.001 * sum((f - common)^2), common being the best single factor.
    private static double[] Descend(List<CalibrationPoint> points)
    {
        var shares = points.Select(p => p.Instructions.Select(n => n / p.Cycles).ToArray()).ToList();
        var common = shares.Sum(s => s.Sum()) / shares.Sum(s => s.Sum() * s.Sum());
        double[] factors = [common, common, common];
        for (var turn = 0; turn < 20_000; turn++)
        {
            for (var k = 0; k < factors.Length; k++)
            {
                var rest = shares.Select(s => 1 - factors.Select((f, i) => i == k ? 0 : f * s[i]).Sum()).ToList();
                factors[k] = (shares.Zip(rest, (s, r) => s[k] * r).Sum() + (0.001 * common)) / (shares.Sum(s => s[k] * s[k]) + 0.001);
            }
        }

        return factors;
    }
}
