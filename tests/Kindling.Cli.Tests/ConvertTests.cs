using Kindling.Formats;
using Kindling.Formats.Onnx;
using Kindling.Formats.Tflite;
using Kindling.Graphs;
using Kindling.Tests;

namespace Kindling.Cli.Tests;

/// <summary>Models and weights go from format to format with all that is needed to use them.</summary>
public sealed class ConvertTests : IDisposable
{
    private const string MobileNet = "models/st/mobilenet_v1_0.25_96_flowers_float.h5";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_Keras_model_becomes_TFLite_and_ONNX_with_its_preparation_classes_and_licence()
    {
        var source = SharedData.Require(MobileNet);
        foreach (var name in new[] { "m.tflite", "m.onnx" })
        {
            var target = _folder[name];
            var result = CommandLine.Run(
                "convert", source, target, "--preprocessing", "imagenet-tf", "--resize", "nearest", "--class-names", "daisy,dandelion,roses,sunflowers,tulips",
                "--license", "SLA0044", "--opset", "11", "--json");

            Assert.True(result.ExitCode == 0, result.Error);
            Assert.Equal(219_829, result.Json.GetProperty("parameters").GetInt64());
            Assert.Equal(55, result.Json.GetProperty("layers").GetArrayLength());
            Assert.InRange(result.Json.GetProperty("largest_difference").GetDouble(), 0, 1e-5);
            var read = name == "m.onnx" ? OnnxReader.Read(target) : TfliteReader.Read(target);
            Assert.Equal(PreprocessingPreset.Find("imagenet-tf").For(96, 96) with { Interpolation = Interpolation.Nearest }, read.Metadata.Preprocessing);
            Assert.Equal("roses", read.Metadata.ClassNames[2]);
            Assert.Equal("SLA0044", read.Metadata.License);
        }
    }

    [Fact]
    public void Deep_Compression_becomes_SqueezeNet_that_prints_probabilities_and_ImageNets_names()
    {
        var target = _folder["squeezenet1.0.onnx"];

        var converted = CommandLine.Run("convert", SharedData.Require("imagenet/compressed_SqueezeNet.net"), target);
        var table = LabelsOf("n01440764", "n02086240");
        var predicted = CommandLine.Run("evaluate", "--model", target, "--data", table, "--json");

        Assert.True(converted.ExitCode == 0, converted.Error);
        Assert.Contains("fire2/squeeze1x1  fire2/squeeze1x1  [16, 1, 1, 96]", converted.Output, StringComparison.Ordinal);
        Assert.Contains("26 of 26 layers, 1,248,424 parameters", converted.Output, StringComparison.Ordinal);
        Assert.True(predicted.ExitCode == 0, predicted.Error);
        Assert.Equal(2, predicted.Json.GetProperty("images").GetInt32());
        Assert.Equal(1, predicted.Json.GetProperty("top1").GetDouble());
        var metadata = OnnxReader.Read(target).Metadata;
        Assert.Equal(ColorMode.Bgr, metadata.Preprocessing!.Color);
        Assert.Equal(256, metadata.Preprocessing.ShorterSide);
        Assert.Equal(ImageNetClasses.Names, metadata.ClassNames);
    }

    [Fact]
    public void Int8_models_go_from_TFLite_to_both_forms_of_ONNX_and_back_without_changing_a_score()
    {
        var source = SharedData.Require("models/st/mobilenet_v1_0.25_96_flowers_int8.tflite");
        foreach (var format in new[] { "onnx-qdq", "onnx-qoperator" })
        {
            foreach (var weights in new[] { "uint8", "int8" })
            {
                var onnx = _folder[$"{format}-{weights}.onnx"];
                var there = CommandLine.Run("convert", source, onnx, "--format", format, "--onnx-weights", weights, "--json");
                var back = CommandLine.Run("convert", onnx, _folder[$"{format}-{weights}.tflite"], "--json");

                Assert.True(there.ExitCode == 0, there.Error);
                Assert.True(back.ExitCode == 0, back.Error);
                Assert.Equal(0, there.Json.GetProperty("largest_difference").GetDouble());
                Assert.Equal(0, back.Json.GetProperty("largest_difference").GetDouble());
            }

            var plain = _folder[$"{format}.onnx"];
            Assert.Equal(0, CommandLine.Run("convert", source, plain, "--format", format).ExitCode);
            Assert.Equal(File.ReadAllBytes(_folder[$"{format}-uint8.onnx"]), File.ReadAllBytes(plain));
            Assert.NotEqual(File.ReadAllBytes(_folder[$"{format}-int8.onnx"]), File.ReadAllBytes(plain));
        }
    }

    [Fact]
    public void An_int8_ONNX_file_is_deployed_as_its_TFLite_file_is()
    {
        var source = Path.Combine(SharedData.Repository, "zoo", "flowers_mobilenet_v1_0.25_96", "flowers_mobilenet_v1_0.25_96_int8.tflite");
        var expected = CommandLine.Run("deploy", "--model", source, "--output", _folder["c"], "--json").Json;
        foreach (var format in new[] { "onnx-qdq", "onnx-qoperator" })
        {
            var onnx = _folder[$"{format}.onnx"];
            var converted = CommandLine.Run("convert", source, onnx, "--format", format);
            var deployed = CommandLine.Run("deploy", "--model", onnx, "--output", _folder[format], "--json");

            Assert.True(converted.ExitCode == 0, converted.Error);
            Assert.True(deployed.ExitCode == 0, deployed.Error);
            foreach (var key in new[] { "weights_flash_bytes", "input_bytes", "output_bytes" })
                Assert.Equal(expected.GetProperty(key).GetInt64(), deployed.Json.GetProperty(key).GetInt64());
        }
    }

    [Fact]
    public void Int8_weights_do_not_become_safetensors()
    {
        var source = Path.Combine(SharedData.Repository, "zoo", "flowers_mobilenet_v1_0.25_96", "flowers_mobilenet_v1_0.25_96_int8.tflite");

        var result = CommandLine.Run("convert", source, _folder["x.safetensors"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is an int8 network", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["x.safetensors"]));
    }

    [Fact]
    public void The_table_of_a_whole_model_lists_the_layers_that_hold_parameters()
    {
        var source = Path.Combine(SharedData.Repository, "zoo", "flowers_mobilenet_v1_0.25_96", "flowers_mobilenet_v1_0.25_96_int8.tflite");

        var result = CommandLine.Run("convert", source, _folder["m.onnx"]);

        Assert.Contains("28 of 28 layers", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_float_ONNX_file_is_not_deployed()
    {
        var onnx = _folder["float.onnx"];
        CommandLine.Run("convert", Path.Combine(SharedData.Repository, "zoo", "flowers_mobilenet_v1_0.25_96", "flowers_mobilenet_v1_0.25_96.safetensors"), onnx);

        var deployed = CommandLine.Run("deploy", "--model", onnx, "--output", _folder["c"]);

        Assert.Equal(1, deployed.ExitCode);
        Assert.Contains("int8", deployed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models are written as .tflite or .onnx", "x.onnx", "y.caffemodel")]
    [InlineData("--format tflite is written to a file called *.tflite", "x.onnx", "y.onnx", "--format", "tflite")]
    [InlineData("model x.onnx does not exist", "x.onnx", "y.onnx")]
    public void Conversions_that_make_no_sense_are_refused(string message, params string[] arguments)
    {
        var result = CommandLine.Run(["convert", .. arguments]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_float_model_that_does_not_say_how_pixels_are_scaled_gets_the_list_of_presets()
    {
        var model = _folder["silent.onnx"];
        Assert.Equal(0, CommandLine.Run("convert", SharedData.Require(MobileNet), model).ExitCode);

        var silent = CommandLine.Run("evaluate", "--model", model, "--data", SharedData.Require("flowers/flower_photos_256.zip"));
        var wrong = CommandLine.Run("evaluate", "--model", model, "--preprocessing", "imagenet-cafe", "--data", "x");

        Assert.Equal(1, silent.ExitCode);
        Assert.All(PreprocessingPreset.All, p => Assert.Contains($"  {p.Name} ", silent.Error, StringComparison.Ordinal));
        Assert.Contains("did you mean imagenet-caffe?", wrong.Error, StringComparison.Ordinal);
    }

    private string LabelsOf(params string[] synsets)
    {
        var data = SharedData.Require("imagenet");
        var rows = File.ReadAllLines(Path.Combine(data, "labels.tsv"));
        var chosen = rows.Skip(1).Where(r => synsets.Any(s => r.Contains(s, StringComparison.Ordinal))).ToList();
        using var archive = System.IO.Compression.ZipFile.OpenRead(Path.Combine(data, "imagenet_1000_256.zip"));
        foreach (var file in chosen.Select(r => r.Split('\t')[0]))
        {
            var path = _folder[file];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var stream = File.Create(path);
            using var entry = archive.GetEntry(file)!.Open();
            entry.CopyTo(stream);
        }

        File.WriteAllLines(_folder["labels.tsv"], [rows[0], .. chosen]);
        return _folder["labels.tsv"];
    }
}
