namespace Kindling.Deployment.Tests;

public sealed class TargetTests
{
    [Theory]
    [InlineData("stm32l4", "NUCLEO-L4R5ZI", "Cortex-M4", 120, 640, 2048)]
    [InlineData("stm32u5", "B-U585I-IOT02A", "Cortex-M33", 160, 784, 2048)]
    [InlineData("stm32h7", "STM32H747I-DISCO", "Cortex-M7", 400, 1024, 2048)]
    [InlineData("stm32h743", "NUCLEO-H743ZI2", "Cortex-M7", 480, 1024, 2048)]
    [InlineData("stm32f7", "STM32F769I-DISCO", "Cortex-M7", 216, 512, 2048)]
    [InlineData("stm32mp1", "STM32MP157F-DK2", "Cortex-A7", 800, 524_288, 0)]
    public void A_board_is_known_by_its_short_and_its_own_name(string name, string board, string core, int megahertz, int ram, int flash)
    {
        var target = Targets.Find(board.ToLowerInvariant());

        Assert.Equal(Targets.Find(name), target);
        Assert.Equal((board, core, megahertz * 1_000_000L, ram * 1024L, flash * 1024L), (target.Board, target.Core, target.ClockHz, target.RamBytes, target.FlashBytes));
        Assert.Contains($"-mcpu={core.ToLowerInvariant()}", target.CompilerFlags);
    }

    [Fact]
    public void A_board_that_cannot_run_any_network_is_refused_with_the_reason()
    {
        var fault = Assert.Throws<KindlingException>(() => Targets.Find("STM32L0"));

        Assert.Contains("20 KiB of RAM", fault.Message);
        Assert.Contains("published cards do not support it", fault.Message);
        Assert.Equal("stm32l0", Assert.Single(Targets.All, t => t.Refusal is not null).Name);
    }

    [Theory]
    [InlineData("cortex-m4,80MHz,128KiB,512KiB", "Cortex-M4", 80_000_000, 128, 512, "mps2-an386")]
    [InlineData("Cortex-M3, 72 mhz, 20 kib, 1 MiB", "Cortex-M3", 72_000_000, 20, 1024, "mps2-an386")]
    [InlineData("cortex-m0plus,48MHz,32KiB,256KiB", "Cortex-M0+", 48_000_000, 32, 256, "mps2-an386")]
    [InlineData("cortex-m7,216MHz,320KiB,1MiB", "Cortex-M7", 216_000_000, 320, 1024, "mps2-an500")]
    [InlineData("cortex-m33,2.5MHz,256KiB,512KiB", "Cortex-M33", 2_500_000, 256, 512, "mps2-an505")]
    [InlineData("cortex-m55,160MHz,4MiB,1MiB", "Cortex-M55", 160_000_000, 4096, 1024, "mps3-an547")]
    public void Any_Cortex_M_is_described_by_core_clock_RAM_and_flash(string text, string core, long hertz, int ram, int flash, string machine)
    {
        var target = Targets.Find(text);

        Assert.Equal((core, hertz, ram * 1024L, flash * 1024L, machine), (target.Core, target.ClockHz, target.RamBytes, target.FlashBytes, target.Machine));
        Assert.Equal(target with { CompilerFlags = [] }, Targets.Find(target.Name) with { CompilerFlags = [] });
    }

    [Theory]
    [InlineData("cortex-m4,80MHz,128KiB", "3 parts instead of 4")]
    [InlineData("cortex-m9,80MHz,128KiB,512KiB", "core cortex-m9 is unknown (did you mean cortex-m0?); there are cortex-m0,")]
    [InlineData("cortex-a7,80MHz,128KiB,512KiB", "core cortex-a7 is unknown")]
    [InlineData("cortex-m4,80,128KiB,512KiB", "clock 80 is not a number of MHz, such as 80MHz")]
    [InlineData("cortex-m4,0MHz,128KiB,512KiB", "clock 0MHz is not between 1 and 2000 MHz")]
    [InlineData("cortex-m4,80MHz,128KB,512KiB", "RAM 128KB is not a whole number of KiB or MiB, such as 128KiB")]
    [InlineData("cortex-m4,80MHz,-1KiB,512KiB", "RAM -1KiB is not")]
    [InlineData("cortex-m4,80MHz,128KiB,999999999MiB", "flash 999999999MiB is not between 1KiB and 4096MiB")]
    public void A_description_with_a_fault_is_answered_with_what_is_allowed(string text, string problem)
    {
        var fault = Assert.Throws<KindlingException>(() => Targets.Find(text));

        Assert.StartsWith($"target {text}: ", fault.Message);
        Assert.Contains(problem, fault.Message);
        Assert.Contains("CORE,CLOCK,RAM,FLASH, such as cortex-m4,80MHz,128KiB,512KiB", fault.Message);
    }

    [Fact]
    public void An_unknown_name_is_answered_with_the_nearest_one() =>
        Assert.Contains("did you mean stm32h7", Assert.Throws<KindlingException>(() => Targets.Find("stm32g7")).Message);

    [Fact]
    public void A_network_fits_when_RAM_and_flash_hold_it_and_otherwise_what_is_missing_is_said()
    {
        var target = Targets.Find("cortex-m4,80MHz,100KiB,200KiB");

        Assert.Null(target.Shortage(90 << 10, 10 << 10, 200 << 10));
        Assert.Equal("1 KiB of RAM", target.Shortage(90 << 10, (10 << 10) + 1, 200 << 10));
        Assert.Equal("50 KiB of RAM and 5 KiB of flash", target.Shortage(150 << 10, 0, 205 << 10));
        Assert.Equal((-50 << 10, -5 << 10), (target.SpareRamBytes(150 << 10, 0, 205 << 10), target.SpareFlashBytes(205 << 10)));
    }

    [Fact]
    public void The_arena_must_fit_into_RAM_with_addresses_in_a_row()
    {
        var target = Targets.Find("stm32h7");

        Assert.Null(target.Shortage(512 << 10, 100 << 10, 0));
        Assert.Equal("88 KiB of RAM in a row (STM32H747I-DISCO has 512 of its 1024 KiB)", target.Shortage(600 << 10, 0, 0));
    }

    [Fact]
    public void Where_programs_are_loaded_into_RAM_weights_and_code_take_RAM()
    {
        var target = Targets.Find("stm32mp1");

        Assert.Equal(target.RamBytes - 6000, target.SpareRamBytes(1000, 2000, 3000));
        Assert.Equal(0, target.SpareFlashBytes(3000));
    }

    [Theory]
    [InlineData("cortex-m0+,48MHz,64KiB,256KiB")]
    [InlineData("cortex-m23,48MHz,64KiB,256KiB")]
    [InlineData("cortex-m55,160MHz,1MiB,1MiB")]
    public void A_described_board_is_simulated_like_a_known_one(string text)
    {
        Boards.Require();
        var (graph, input) = WholeNetworkTests.AllOperators(4);

        var result = DeploymentBenchmark.Run(graph, Targets.Find(text), [input]);

        Assert.Equal(1, result.OutputsEqualHost);
        Assert.True(result.Fits);
        Assert.Null(result.Time);
    }

    [Fact]
    public void All_boards_are_measured_in_one_go_and_boards_with_the_same_core_take_the_same_instructions()
    {
        Boards.Require();
        var (graph, input) = WholeNetworkTests.AllOperators(4);

        var outcomes = DeploymentBenchmark.RunAll(graph, [.. Targets.All.Where(t => !t.IsLinux)], [input]);

        Assert.Equal("stm32l0", Assert.Single(outcomes, o => o.Result is null).Target.Name);
        Assert.All(outcomes.Where(o => o.Result is { } r), o => Assert.Equal((1, o.Target), (o.Result!.OutputsEqualHost, o.Result.Target)));
        var sevens = outcomes.Where(o => o.Target.Core == "Cortex-M7").Select(o => o.Result!).ToList();
        Assert.Single(sevens.Select(r => r.Instructions).Distinct());
        Assert.All(sevens, r => Assert.InRange(r.Time!.Milliseconds!.Value, r.Time.LowestMilliseconds, 20 * r.Time.LowestMilliseconds));
        Assert.All(outcomes.Where(o => o.Target.Core is "Cortex-M4" or "Cortex-M33"), o => Assert.Null(o.Result!.Time!.Milliseconds));
    }
}
