using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kindling.Graphs;

namespace Kindling.Deployment.Tests;

/// <summary>The folder as its users meet it: built by CMake for a board, as a library of Arduino and PlatformIO, as a module of Zephyr.</summary>
public sealed class ProjectOutputTests : IDisposable
{
    private static readonly string[] Classes = ["daisy", "dandelion \"x\" \\", "Löwenzahn", "roses", "sunflowers", "tulips", "weeds"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("m4", ColorMode.Rgb)]
    [InlineData("m7", ColorMode.Bgr)]
    [InlineData("m33", ColorMode.Rgb)]
    public void CMake_builds_example_and_self_test_for_the_core_and_QEMU_prints_the_hosts_class_and_score(string core, ColorMode color)
    {
        Boards.Require();
        Programs.Require("cmake", "ctest", "make");
        var project = Generate(With(new Preprocessing(17, 15, color, [1 / 60f], [-2])), BoardKernelTests.Cores.Single(c => c.Name == core));

        Cmake("build-arm", "-DCMAKE_TOOLCHAIN_FILE=arm-none-eabi.cmake");
        var printed = Programs.Run(project.Directory, "ctest", "--test-dir", "build-arm", "--verbose");

        Assert.Contains($"1: {project.ExampleAnswer.Split(':')[0]}", printed);
        Assert.Contains($"1: {project.ExampleAnswer}", printed);
        Assert.Contains("2: self-test passed", printed);
        Assert.Contains(Classes, c => project.ExampleAnswer.StartsWith($"{c}: 0.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, null, null, "does not say how pixels become its input")]
    [InlineData(Interpolation.Bicubic, null, null, "resized with bicubic")]
    [InlineData(Interpolation.Nearest, Standardization.PerImage, null, "standardised over all its values")]
    [InlineData(Interpolation.Nearest, null, 20, "17x20x3, its input takes 17x15x3")]
    public void Without_a_function_for_frames_the_folder_says_why_and_the_example_still_classifies(
        Interpolation? interpolation, Standardization? standardization, int? width, string reason)
    {
        HostProgram.RequireCompiler();
        var preprocessing = interpolation is null
            ? null
            : new Preprocessing(17, width ?? 15, ColorMode.Rgb, [1 / 60f], [-2], interpolation.Value, Standardization: standardization ?? Standardization.None);

        var project = Generate(With(preprocessing));

        Assert.Contains(reason, project.FrameRefusal);
        Assert.Contains(reason, Read("README.md"));
        Assert.Contains("_HAS_FRAME 0", Read("src/network_config.h"));
        Assert.Contains(reason, Read("src/network_config.h"));
        Assert.DoesNotContain(project.Files, f => f.Contains("frame", StringComparison.Ordinal));
        Assert.Equal($"{project.ExampleAnswer}\n", Classify(project));
    }

    [Theory]
    [InlineData(AspectRatio.Fit, null)]
    [InlineData(AspectRatio.Crop, null)]
    [InlineData(AspectRatio.Crop, 19)]
    [InlineData(AspectRatio.Padding, null)]
    public void The_example_classifies_the_photo_that_was_given(AspectRatio aspect, int? side)
    {
        HostProgram.RequireCompiler();
        var graph = With(new Preprocessing(17, 15, ColorMode.Rgb, [1 / 60f], [-2], AspectRatio: aspect) { ShorterSide = side });
        var photos = SampleInputs.Noise(graph, 8);

        // Photos of noise get different scores, so the folder must hold the right one.
        var projects = photos.Select(p => Generate(graph, pixels: p)).ToList();

        Assert.True(projects.Select(p => p.ExampleAnswer).Distinct().Count() > 1);
        Assert.Equal($"{projects[^1].ExampleAnswer}\n", Classify(projects[^1]));
    }

    [Fact]
    public void An_example_photo_of_the_wrong_size_is_refused()
    {
        var fault = Assert.Throws<KindlingException>(() => Generate(With(new Preprocessing(17, 15, ColorMode.Rgb, [1], [0])), pixels: new byte[7]));

        Assert.Contains("7 values, the network's input 765", fault.Message);
    }

    [Fact]
    public void Settings_are_constants_of_a_header_that_C_and_CPlusPlus_read_alone()
    {
        HostProgram.RequireCompiler();
        Programs.Require("g++");
        Generate(With(new Preprocessing(17, 15, ColorMode.Bgr, [0.5f, 0.25f, 0.125f], [-1, -2, -3], Interpolation.Nearest, AspectRatio.Crop)));
        File.WriteAllText(Path.Combine(Target, "settings.cc"), """
            #include "network_config.h"
            static const char *const names[KINDLING_NET_CLASSES] = KINDLING_NET_CLASS_NAMES;
            static const float scale[KINDLING_NET_INPUT_CHANNELS] = KINDLING_NET_PIXEL_SCALE;
            static const float offset[KINDLING_NET_INPUT_CHANNELS] = KINDLING_NET_PIXEL_OFFSET;
            #if !KINDLING_NET_COLOR_BGR || !KINDLING_NET_RESIZE_NEAREST || !KINDLING_NET_ASPECT_CROP || !KINDLING_NET_HAS_FRAME || !KINDLING_NET_INPUT_TYPE_UINT8
            #error settings
            #endif
            int main()
            {
                return names[3][0] != 'r' || scale[2] != 0.125f || offset[0] != -1.0f || KINDLING_NET_INPUT_WIDTH != 15 || KINDLING_NET_INPUT_HEIGHT != 17
                    || KINDLING_NET_INPUT_SCALE <= 0.0f || KINDLING_NET_INPUT_ZERO_POINT < 0 || KINDLING_NET_OUTPUT_ELEMENTS != 7 || KINDLING_NET_SCORE(0.5f) != 0.5f;
            }
            """);

        Programs.Run(Target, "g++", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Isrc", "-o", "settings", "settings.cc");

        Programs.Run(Target, Path.Combine(Target, "settings"));
    }

    [Fact]
    public void As_an_Arduino_library_it_has_all_fields_and_the_sketch_prints_the_hosts_class()
    {
        HostProgram.RequireCompiler();
        Programs.Require("g++");
        var project = Generate(With(new Preprocessing(17, 15, ColorMode.Rgb, [1 / 60f], [-2])));
        var fields = Read("library.properties").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=', 2)).ToDictionary(f => f[0], f => f[1]);
        Assert.Superset(
            new HashSet<string> { "name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures" }, fields.Keys.ToHashSet());
        Assert.Matches("^[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}$", fields["name"]);
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+$", fields["version"]);
        Assert.Equal(("Data Processing", "*"), (fields["category"], fields["architectures"]));
        Assert.True(File.Exists(Path.Combine(Target, "src", fields["includes"])));

        // The IDE compiles everything under src with that one include folder, and the sketch as C++ behind Arduino.h.
        WriteSketch("stub");
        foreach (var standard in new[] { "gnu++11", "gnu++17" })
            Programs.Run(Target, "g++", $"-std={standard}", "-Wall", "-Wextra", "-Werror", "-Isrc", "-Istub", "-c", "stub/sketch.cpp", "-o", "stub/sketch.o");
        Programs.Run(Target, "gcc", ["-std=gnu11", "-O2", "-Isrc", .. project.Sources, "-c"]);
        Programs.Run(Target, "g++", ["-o", "sketch", "stub/sketch.o", .. Directory.GetFiles(Target, "*.o")]);
        var printed = Programs.Run(Target, Path.Combine(Target, "sketch"));

        var (name, score) = (project.ExampleAnswer.Split(": ")[0], project.ExampleAnswer.Split(": ")[1]);
        Assert.Equal($"{name} ({Array.IndexOf(Classes, name)}): {score}, 7 ms\n", printed);
    }

    [Theory]
    [InlineData("-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")]
    [InlineData("-mcpu=cortex-m0plus", "-mfloat-abi=soft", "-fno-exceptions")]
    public void Sketch_and_sources_compile_for_Arduino_cores(params string[] core)
    {
        Boards.Require();
        Programs.Require("arm-none-eabi-g++");
        var project = Generate(With(new Preprocessing(17, 15, ColorMode.Rgb, [1 / 60f], [-2])));
        WriteSketch("stub");

        Programs.Run(Target, "arm-none-eabi-g++", [.. core, "-mthumb", "-std=gnu++17", "-Wall", "-Wextra", "-Werror", "-Isrc", "-Istub", "-c", "stub/sketch.cpp"]);
        Programs.Run(Target, "arm-none-eabi-gcc", [.. core, "-mthumb", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Isrc", "-c", .. project.Sources]);
    }

    [Fact]
    public void As_a_PlatformIO_library_it_names_folders_and_headers_that_exist()
    {
        Generate(With(null));

        var manifest = JsonDocument.Parse(Read("library.json")).RootElement;

        Assert.Matches("^[A-Za-z0-9_.-]+$", manifest.GetProperty("name").GetString());
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+$", manifest.GetProperty("version").GetString());
        Assert.Equal(("*", "*"), (manifest.GetProperty("frameworks").GetString(), manifest.GetProperty("platforms").GetString()));
        Assert.NotEmpty(manifest.GetProperty("description").GetString()!);
        var build = manifest.GetProperty("build");
        Assert.True(Directory.Exists(Path.Combine(Target, build.GetProperty("srcDir").GetString()!)));
        Assert.True(File.Exists(Path.Combine(Target, build.GetProperty("includeDir").GetString()!, manifest.GetProperty("headers").GetString()!)));
        var example = manifest.GetProperty("examples")[0];
        Assert.All(
            example.GetProperty("files").EnumerateArray(),
            f => Assert.True(File.Exists(Path.Combine(Target, example.GetProperty("base").GetString()!, f.GetString()!))));
    }

    [Theory]
    [InlineData("y")]
    [InlineData("")]
    public void As_a_Zephyr_module_it_compiles_its_sources_when_it_is_configured(string configured)
    {
        Programs.Require("cmake");
        var project = Generate(With(new Preprocessing(17, 15, ColorMode.Rgb, [1 / 60f], [-2])));
        var module = Read("zephyr/module.yml");
        Assert.Matches("(?m)^name: kindling_net$", module);
        Assert.True(Directory.Exists(Path.Combine(Target, Regex.Match(module, "(?m)^  cmake: (.*)$").Groups[1].Value)));
        Assert.Contains("config KINDLING_NET\n", File.ReadAllText(Path.Combine(Target, Regex.Match(module, "(?m)^  kconfig: (.*)$").Groups[1].Value)));

        // What Zephyr's own functions would do with their arguments is written down.
        var functions = string.Concat(new[] { "include_directories", "library_named", "library_sources", "library_compile_options" }
            .Select(f => $"function(zephyr_{f})\n  foreach(A ${{ARGN}})\n    message(STATUS \"{f}=${{A}}\")\n  endforeach()\nendfunction()\n"));
        var application = Directory.CreateDirectory(Path.Combine(_folder.Path, "application")).FullName;
        File.WriteAllText(Path.Combine(application, "CMakeLists.txt"), $"""
            cmake_minimum_required(VERSION 3.20)
            project(application NONE)
            set(CONFIG_KINDLING_NET {configured})
            {functions}
            add_subdirectory({Target}/zephyr module)

            """);
        var calls = Programs.Run(application, "cmake", "-S", ".", "-B", "build").Split('\n')
            .Where(l => l.Contains('=', StringComparison.Ordinal)).Select(l => l[3..].Split('=')).ToLookup(l => l[0], l => l[1]);

        if (configured.Length == 0)
        {
            Assert.Empty(calls);
            return;
        }

        Assert.Equal(["kindling_net"], calls["library_named"]);
        Assert.Equal([project.SourceDirectory], calls["include_directories"]);
        Assert.Equal(project.Sources.Order(StringComparer.Ordinal), calls["library_sources"].Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_archive_holds_the_folder_and_is_the_same_every_time()
    {
        var project = Generate(With(null));
        var (first, second) = (Path.Combine(_folder.Path, "first.zip"), Path.Combine(_folder.Path, "second.zip"));

        ProjectArchive.Write(project, first);
        ProjectArchive.Write(project, second);

        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        using var archive = ZipFile.OpenRead(first);
        Assert.Equal(project.Files.Select(f => $"kindling_net/{f}"), archive.Entries.Select(e => e.FullName));
        using var reader = new StreamReader(archive.GetEntry("kindling_net/src/network.c")!.Open());
        Assert.Equal(Read("src/network.c"), reader.ReadToEnd());
    }

    [Fact]
    public void No_placeholder_is_left_in_any_file()
    {
        foreach (var preprocessing in new[] { null, new Preprocessing(17, 15, ColorMode.Rgb, [1 / 60f], [-2]) })
        {
            var project = Generate(With(preprocessing));

            Assert.All(project.Files, f => Assert.DoesNotMatch("@[A-Z_]+@", Read(f)));
        }
    }

    private string Target => Path.Combine(_folder.Path, "c");

    private static Graph With(Preprocessing? preprocessing) => WholeNetworkTests.AllOperators(1).Graph.With(new ModelMetadata(preprocessing, Classes));

    private GeneratedProject Generate(Graph graph, Target? target = null, byte[]? pixels = null) =>
        CGenerator.Generate(graph, Target, new CGeneratorOptions { ModelName = "net", Target = target, ExamplePixels = pixels });

    private string Read(string file) => File.ReadAllText(Path.Combine(Target, file));

    private void Cmake(string build, params string[] options)
    {
        Programs.Run(Target, "cmake", ["-S", ".", "-B", build, .. options]);
        Programs.Run(Target, "cmake", "--build", build);
    }

    // What the example prints on this machine.
    private static string Classify(GeneratedProject project)
    {
        Programs.Run(project.Directory, HostProgram.RequireCompiler(), [.. HostProgram.Strict, "-Isrc", "-o", "classify", "examples/classify/main.c", .. project.Sources]);
        return Programs.Run(project.Directory, Path.Combine(project.Directory, "classify"));
    }

    // Serial prints to the console, and time goes by in sevens.
    private void WriteSketch(string folder)
    {
        Directory.CreateDirectory(Path.Combine(Target, folder));
        File.WriteAllText(Path.Combine(Target, folder, "Arduino.h"), """
            #pragma once
            #include <stdint.h>
            #include <stdio.h>
            struct Console {
                void begin(unsigned long) {}
                void print(const char *text) { printf("%s", text); }
                void print(long number) { printf("%ld", number); }
                void print(unsigned long number) { printf("%lu", number); }
                void print(double number, int digits) { printf("%.*f", digits, number); }
                void println(const char *text) { printf("%s\n", text); }
            };
            extern Console Serial;
            unsigned long millis();
            void delay(unsigned long);

            """);
        File.WriteAllText(Path.Combine(Target, folder, "sketch.cpp"), $$"""
            #include <Arduino.h>
            {{Read("examples/classify_image/classify_image.ino")}}
            Console Serial;
            unsigned long millis() { static unsigned long now = 0; return now += 7; }
            void delay(unsigned long) {}
            int main() { setup(); loop(); return 0; }

            """);
    }
}
