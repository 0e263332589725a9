namespace Kindling.Deployment.Tests;

public sealed class PublishedModelTests
{
    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    [InlineData("mobilenet_v1_0.25_96_grayscale")]
    [InlineData("mobilenet_v1_0.5_224")]
    [InlineData("st_efficientnet_lc_v1_128")]
    public void C_built_for_this_machine_gives_the_outputs_of_TFLite_Micro(string name)
    {
        var golden = new GoldenModel(name);
        using var folder = new TemporaryFolder();
        var project = CGenerator.Generate(golden.Graph, Path.Combine(folder.Path, "kindling_net"), new CGeneratorOptions { ModelName = "net" });

        var outputs = HostProgram.Run([.. golden.Inputs.Select(i => (project, i))], folder.Path, 0xA5, "-O2");

        Assert.Equal([golden.Output(0), golden.Output(1)], outputs);
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    public void C_on_a_simulated_Cortex_M7_gives_the_outputs_of_TFLite_Micro(string name)
    {
        Boards.Require();
        var golden = new GoldenModel(name);
        using var folder = new TemporaryFolder();
        var project = CGenerator.Generate(golden.Graph, Path.Combine(folder.Path, "c"));
        var image = CrossCompiler.Build(project, Targets.Find("stm32h7"), folder.Path);

        var result = Simulator.Run(image, golden.Inputs);

        Assert.Equal([golden.Output(0), golden.Output(1)], result.Outputs);
        Assert.Equal(project.ArenaBytes, image.ArenaBytes);
        Assert.InRange(image.WeightsFlashBytes, project.WeightsFlashBytes, project.WeightsFlashBytes + (project.Graph.Nodes.Count * 3));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{name}: arena {image.ArenaBytes}, static {image.StaticRamBytes}, stack {result.StackBytes}, weights {image.WeightsFlashBytes}, "
            + $"code {image.CodeFlashBytes}, instructions {result.Instructions[0]} for {project.Graph.Macs} multiply-accumulates");
    }

    [Theory]
    [InlineData("mobilenet_v1_0.25_96")]
    [InlineData("squeezenet_v1.1_128")]
    public void Sixteen_validation_photos_give_the_hosts_outputs_on_a_simulated_Cortex_M7(string name)
    {
        Boards.Require();
        var golden = new GoldenModel(name);
        var photos = ValidationPhotos.Inputs(golden.Graph, 16);

        var result = DeploymentBenchmark.Run(golden.Graph, Targets.Find("stm32h7"), photos);

        Assert.Equal(16, result.OutputsEqualHost);
        Assert.True(result.Fits);
    }
}
