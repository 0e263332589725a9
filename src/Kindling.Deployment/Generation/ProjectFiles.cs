namespace Kindling.Deployment.Generation;

/// <summary>All files of a project: the C sources under <c>src/</c>, and around them what each build system looks for.</summary>
internal static class ProjectFiles
{
    private const string BareToolchain = "arm-none-eabi.cmake";

    /// <summary>The name of the toolchain file that goes with a board.</summary>
    public static string Toolchain(Target target) => target.IsLinux ? "linux/arm-linux-gnueabihf.cmake" : BareToolchain;

    public static SortedDictionary<string, string> Write(
        GeneratedProject project, NetworkSource source, FrameFormat? frame, ExampleWriter example, string selfTestInput)
    {
        var template = new ProjectTemplate(project, example);
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [$"src/{project.Symbol}.h"] = template.Fill("umbrella.h"),
            [$"src/{project.Symbol}_example.h"] = example.Header(),
            ["src/network.h"] = NetworkWriter.Header(project),
            ["src/network.c"] = NetworkWriter.Source(project, source),
            ["src/network_config.h"] = ConfigWriter.Write(project, frame),
            ["src/network_weights.h"] = NetworkWriter.WeightsHeader(project, source),
            ["src/network_weights.c"] = NetworkWriter.Weights(project, source),
            ["test/self_test_input.h"] = selfTestInput,
            ["test/self_test.c"] = template.Fill("self_test.c"),
            ["examples/classify/main.c"] = template.Fill("main.c"),
            ["examples/classify_image/classify_image.ino"] = template.Fill("classify_image.ino"),
            ["CMakeLists.txt"] = template.Fill("CMakeLists.txt"),
            ["library.json"] = template.Fill("library.json"),
            ["library.properties"] = template.Fill("library.properties"),
            ["zephyr/module.yml"] = template.Fill("module.yml"),
            ["zephyr/CMakeLists.txt"] = template.Fill("zephyr.cmake"),
            ["zephyr/Kconfig"] = template.Fill("Kconfig"),
            ["README.md"] = template.Fill("README.md"),
        };
        if (!project.Target.IsLinux)
        {
            files[BareToolchain] = template.Fill(BareToolchain);
            files["examples/bare_metal/startup.c"] = template.Fill("startup.c");
            files["examples/bare_metal/link.ld"] = template.Fill("example.ld");
        }

        files["test/network_poison.h"] = PoisonWriter.Write(project);
        if (project.HasRowsOfInput)
            files["src/network_image.c"] = NetworkWriter.Image(project);
        if (frame is not null)
        {
            files["src/network_frame.c"] = FrameWriter.Write(project, frame);
            foreach (var name in new[] { "kindling_frame.c", "kindling_frame.h" })
                files[$"src/{name}"] = FirmwareFiles.Read($"camera/{name}");
        }

        foreach (var name in FirmwareFiles.OfKernels(project.Target.IsLinux ? source.Kernels.Concat(LinuxFiles.ThreadedKernels) : source.Kernels))
            files[$"src/kernels/{name}"] = FirmwareFiles.Read($"kernels/{name}");
        if (project.Target.IsLinux)
            LinuxFiles.AddTo(files, project);
        return files;
    }
}
