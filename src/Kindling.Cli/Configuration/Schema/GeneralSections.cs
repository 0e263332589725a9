namespace Kindling.Cli.Configuration.Schema;

/// <summary>Sections that say what is run and on which data.</summary>
internal static class GeneralSections
{
    /// <summary>Section <c>general</c>.</summary>
    public static SectionSchema General { get; } = new(
        "The project and the machine.",
        new("project_name", new TextRule(), "Name of the output folder and of the model.", "<unnamed>"),
        new("model_path", new TextRule("the path of a model file"), "The model that evaluation, quantization, prediction, benchmarking and deployment begin with: .tflite, or .safetensors written by Kindling."),
        new("logs_dir", new TextRule("a folder name"), "Folder of the training log inside the output folder; empty puts it at the top."),
        new("saved_models_dir", new TextRule("a folder name"), "Folder of the checkpoints inside the output folder.", "saved_models"),
        new("global_seed", new IntegerRule(0), "Seed of initial weights, order of photos, augmentation and dropout.", "123"),
        new("num_threads", new IntegerRule(0, 1024), "Threads; 0 takes one for each processor. Results are the same to the bit for any number.", "0"),
        new("deterministic_ops", new BooleanRule(), "Kindling is always deterministic; false has no effect.", "true"),
        new("display_figures", new IgnoredRule(), "Figures are in report.html."),
        new("gpu_memory_limit", new IgnoredRule(), "Kindling runs on the processor."),
        new("num_threads_tflite", new IgnoredRule(), "See num_threads."));

    /// <summary>Section <c>dataset</c>.</summary>
    public static SectionSchema Dataset { get; } = new(
        "Photos and how they are divided. A path is a folder with one sub-folder a class, or a .zip archive of one.",
        new("name", new TextRule(), "Free text for reports; synthetic_shapes without a training_path is the set that Kindling draws itself.", "<unnamed>"),
        new("class_names", new TextListRule(), "The classes, sorted before use; by default the folder names."),
        new("training_path", new TextRule("a folder or .zip archive"), "Photos to train on (and to validate on, see validation_split)."),
        new("validation_path", new TextRule("a folder or .zip archive"), "Photos to validate on; by default a part of the training photos."),
        new("validation_split", new NumberRule(0, 1, ExcludesLeast: true, ExcludesMost: true), "Share of the training photos kept for validation when validation_path is empty.", "0.2"),
        new("test_path", new TextRule("a folder or .zip archive"), "Photos to evaluate on; by default the validation photos."),
        new("quantization_path", new TextRule("a folder or .zip archive"), "Photos to calibrate on; by default the training photos, never the validation photos."),
        new("quantization_split", new NumberRule(0, 1, ExcludesLeast: true), "Share of the calibration photos used; by default all of quantization_path, or 256 training photos."),
        new("check_image_files", new BooleanRule(), "True makes an unreadable photo an error; false leaves it out and names it.", "false"),
        new("seed", new IntegerRule(0), "Seed of the split.", "123"),
        new("synthetic_images", new IntegerRule(100, 1_000_000), "Photos that synthetic_shapes draws.", "4000"));

    /// <summary>Section <c>preprocessing</c>.</summary>
    public static SectionSchema Preprocessing { get; } = new(
        "How a photo becomes the input of the network.",
        new("rescaling", new SectionRule(new(
            "value = scale * pixel + offset, with pixels from 0 to 255.",
            new("scale", new NumberRule(), "Factor, such as 1/127.5.", IsRequired: true),
            new("offset", new NumberRule(), "Summand, such as -1.", IsRequired: true))), "Rescaling of the pixels.", IsRequired: true),
        new("resizing", new SectionRule(new(
            "Resizing to the input size.",
            new("interpolation", new ChoiceRule(["nearest", "bilinear", "bicubic", "area"]), "The resampling filter, half-pixel centres.", "bilinear"),
            new("aspect_ratio", new ChoiceRule(["fit", "crop", "padding"]), "Photos of another shape: squeezed, cut at the centre, or padded with zeros.", "fit"))), "Resizing.", IsRequired: true),
        new("color_mode", new ChoiceRule(["rgb", "bgr", "grayscale"], new Dictionary<string, string> { ["rgba"] = "rgb" }), "Channels and their order.", IsRequired: true));

    /// <summary>Section <c>quantization</c>.</summary>
    public static SectionSchema Quantization { get; } = new(
        "Post-training quantization to int8.",
        new("quantizer", new ChoiceRule(["TFlite_converter"]), "Follows TFLite's int8 specification.", "TFlite_converter"),
        new("quantization_type", new ChoiceRule(["PTQ"]), "Post-training quantization.", "PTQ"),
        new("quantization_input_type", new ChoiceRule(["uint8", "int8"]), "Type of the input; uint8 takes the pixels as they are.", "uint8"),
        new("quantization_output_type", new ChoiceRule(["float", "int8", "uint8"]), "Type of the class scores.", "float"),
        new("granularity", new ChoiceRule(["per_channel"]), "One scale for each output channel of a layer's weights.", "per_channel"),
        new("max_accuracy_drop", new NumberRule(0, 100), "Points of top-1 that int8 may lose before the run ends with exit code 2; empty for no limit."),
        new("export_dir", new IgnoredRule(), "The file is model_int8.tflite in the output folder."));

    /// <summary>Section <c>prediction</c>.</summary>
    public static SectionSchema Prediction { get; } = new(
        "Photos to classify.",
        new("test_images_path", new TextRule("a folder or an image"), "A folder of photos, or one photo."));

    /// <summary>Section <c>benchmarking</c>.</summary>
    public static SectionSchema Benchmarking { get; } = new(
        "The target that memory and instructions are measured for.",
        new("board", new TextRule("a board name, such as STM32H747I-DISCO"), "The board; its family decides the core that is simulated.", "STM32H747I-DISCO"));

    /// <summary>Section <c>deployment</c>.</summary>
    public static SectionSchema Deployment { get; } = new(
        "Plain C for the target.",
        new("c_project_path", new IgnoredRule(), "The C code is in the folder c of the output folder."),
        new("IDE", new ChoiceRule(["GCC"]), "The compiler.", "GCC"),
        new("verbosity", new IgnoredRule(), "See --verbose."),
        new("hardware_setup", new SectionRule(new(
            "The board.",
            new("serie", new ChoiceRule(["STM32H7"]), "The family.", "STM32H7"),
            new("board", new TextRule("a board name, such as STM32H747I-DISCO"), "The board.", "STM32H747I-DISCO"),
            new("input", new IgnoredRule(), "The generated code takes pixels; the camera is the application's."),
            new("output", new IgnoredRule(), "The generated code returns scores; the display is the application's."))), "The board."));

    /// <summary>Section <c>tools</c>: ST's programs, which Kindling does without.</summary>
    public static SectionSchema Tools { get; } = new(
        "Paths of ST's programs; Kindling needs none of them.",
        new("stm32ai", new IgnoredRule(), "Accepted, without effect."),
        new("stedgeai", new IgnoredRule(), "Accepted, without effect."),
        new("path_to_cubeIDE", new IgnoredRule(), "Accepted, without effect."));
}
