using Kindling.Cli.Pipeline;

namespace Kindling.Cli.Configuration.Schema;

/// <summary>Sections that say what is run and on which data.</summary>
internal static class GeneralSections
{
    /// <summary>Section <c>general</c>.</summary>
    public static SectionSchema General { get; } = new(
        "The project and the machine.",
        new KeySchema("project_name", new TextRule(), "Name of the output folder and of the model.", "<unnamed>"),
        new KeySchema("model_path", new TextRule("the path of a model file"), "The model that evaluation, quantization, prediction, benchmarking and deployment begin with: .tflite or .onnx, or a float .safetensors written by Kindling or .h5 of Keras. Training goes on from a .safetensors, or from an .h5 that is one of the zoo's networks."),
        new KeySchema("logs_dir", new TextRule("a folder name"), "Folder of the training log inside the output folder; empty puts it at the top."),
        new KeySchema("saved_models_dir", new TextRule("a folder name"), "Folder of the checkpoints inside the output folder.", "saved_models"),
        new KeySchema("global_seed", new IntegerRule(0), "Seed of initial weights, order of photos, augmentation and dropout.", "123"),
        new KeySchema("num_threads", new IntegerRule(0, 1024), "Threads; 0 takes one for each processor. Results are the same to the bit for any number.", "0"),
        new KeySchema("deterministic_ops", new BooleanRule(), "Kindling is always deterministic; false has no effect.", "true"),
        new KeySchema("display_figures", new IgnoredRule(), "Figures are in report.html."),
        new KeySchema("gpu_memory_limit", new IgnoredRule(), "Kindling runs on the processor."),
        new KeySchema("num_threads_tflite", new IgnoredRule(), "See num_threads."));

    /// <summary>Section <c>dataset</c>.</summary>
    public static SectionSchema Dataset { get; } = new(
        "Photos and how they are divided. A path is a folder with one sub-folder a class, a .zip archive of one, a folder of IDX files (MNIST, Fashion-MNIST) or a folder of CIFAR-10 or CIFAR-100 in the binary version.",
        new KeySchema("name", new TextRule(), "Free text for reports; synthetic_shapes without a training_path is the set that Kindling draws itself.", "<unnamed>"),
        new KeySchema("class_names", new TextListRule(), "The classes; by default the folder names. Labels follow the sorted names; for IDX and CIFAR the names are in the order of the labels (20 names choose the coarse labels of CIFAR-100)."),
        new KeySchema("training_path", new TextRule("a folder or .zip archive"), "Photos to train on (and to validate on, see validation_split)."),
        new KeySchema("validation_path", new TextRule("a folder or .zip archive"), "Photos to validate on; by default a part of the training photos."),
        new KeySchema("validation_split", new NumberRule(0, 1, ExcludesLeast: true, ExcludesMost: true), "Share of the training photos kept for validation when validation_path is empty.", "0.2"),
        new KeySchema("test_path", new TextRule("a folder or .zip archive"), "Photos to evaluate on; by default the test images that come with training_path (IDX, CIFAR), otherwise the validation photos."),
        new KeySchema("quantization_path", new TextRule("a folder or .zip archive"), "Photos to calibrate on; by default the training photos, never the validation photos."),
        new KeySchema("quantization_split", new NumberRule(0, 1, ExcludesLeast: true), "Share of the calibration photos used; by default all of quantization_path, or 256 training photos."),
        new KeySchema("check_image_files", new BooleanRule(), "True makes an unreadable photo an error; false leaves it out and names it.", "false"),
        new KeySchema("seed", new IntegerRule(0), "Seed of the split.", "123"),
        new KeySchema("synthetic_images", new IntegerRule(100, 1_000_000), "Photos that synthetic_shapes draws.", "4000"));

    /// <summary>Section <c>preprocessing</c>.</summary>
    public static SectionSchema Preprocessing { get; } = new(
        "How a photo becomes the input of the network.",
        new KeySchema("rescaling", new SectionRule(new SectionSchema(
            "value = scale * pixel + offset, with pixels from 0 to 255.",
            new("scale", new NumberRule(), "Factor, such as 1/127.5.", IsRequired: true),
            new("offset", new NumberRule(), "Summand, such as -1.", IsRequired: true))), "Rescaling of the pixels.", IsRequired: true),
        new KeySchema("resizing", new SectionRule(new SectionSchema(
            "Resizing to the input size.",
            new("interpolation", new ChoiceRule(["nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]), "The resampling filter, half-pixel centres.", "bilinear"),
            new("aspect_ratio", new ChoiceRule(["fit", "crop", "padding"]), "Photos of another shape: squeezed, cut at the centre, or padded with zeros.", "fit"))), "Resizing.", IsRequired: true),
        new KeySchema(
            "standardization", new ChoiceRule(["none", "per_image"]),
            "per_image gives every photo mean 0 and standard deviation 1 after rescaling; the int8 network then takes quantized values, not raw pixels.", "none"),
        new KeySchema("color_mode", new ChoiceRule(["rgb", "bgr", "grayscale"], new Dictionary<string, string> { ["rgba"] = "rgb" }), "Channels and their order.", IsRequired: true));

    /// <summary>Section <c>quantization</c>.</summary>
    public static SectionSchema Quantization { get; } = new(
        "Post-training quantization to int8.",
        new KeySchema("quantizer", new ChoiceRule(["TFlite_converter"]), "Follows TFLite's int8 specification.", "TFlite_converter"),
        new KeySchema("quantization_type", new ChoiceRule(["PTQ"]), "Post-training quantization.", "PTQ"),
        new KeySchema("quantization_input_type", new ChoiceRule(["uint8", "int8", "float"]), "Type of the input; uint8 takes the pixels as they are.", "uint8"),
        new KeySchema("quantization_output_type", new ChoiceRule(["float", "int8", "uint8"]), "Type of the class scores.", "float"),
        new KeySchema("granularity", new ChoiceRule(["per_channel", "per_tensor"]), "One scale for each output channel of a layer's weights, or one for the layer.", "per_channel"),
        new KeySchema("method", new ChoiceRule(QuantizationMethod.Names), "How ranges are chosen. adaptive: least squared error with equalization and adaptive rounding; auto: the best of the cheap methods on held-out training photos; tflite: TFLite's own rules; the others choose ranges that way and add what the next keys ask for.", QuantizationMethod.Adaptive),
        new KeySchema("percentile", new NumberRule(50, 100, ExcludesLeast: true), "Values that method percentile keeps, in percent.", "99.99"),
        new KeySchema("equalize", new BooleanRule(), "Adds cross-layer equalization.", "false"),
        new KeySchema("bias_correction", new BooleanRule(), "Adds bias correction.", "false"),
        new KeySchema("adaround", new BooleanRule(), "Adds adaptive rounding of weights, with bias correction.", "false"),
        new KeySchema("qat_epochs", new IntegerRule(0, 1000), "Epochs of quantization-aware fine-tuning on the training photos, with the float network as teacher; 0 for none. Not with method auto.", "0"),
        new KeySchema("max_accuracy_drop", new NumberRule(0, 100), "Points of top-1 that int8 may lose before the run ends with exit code 2; empty for no limit."),
        new KeySchema("export_dir", new IgnoredRule(), "The file is model_int8.tflite in the output folder."));

    /// <summary>Section <c>prediction</c>.</summary>
    public static SectionSchema Prediction { get; } = new(
        "Photos to classify.",
        new KeySchema("test_images_path", new TextRule("a folder or an image"), "A folder of photos, or one photo."));

    /// <summary>Section <c>benchmarking</c>.</summary>
    public static SectionSchema Benchmarking { get; } = new(
        "The target that memory and instructions are measured for.",
        new KeySchema("board", new TextRule("a board name, such as STM32H747I-DISCO"), "The board; its family decides the core that is simulated.", "STM32H747I-DISCO"));

    /// <summary>Section <c>deployment</c>.</summary>
    public static SectionSchema Deployment { get; } = new(
        "Plain C for the target.",
        new KeySchema("c_project_path", new IgnoredRule(), "The C code is in the folder c of the output folder."),
        new KeySchema("IDE", new ChoiceRule(["GCC"]), "The compiler.", "GCC"),
        new KeySchema("verbosity", new IgnoredRule(), "See --verbose."),
        new KeySchema("hardware_setup", new SectionRule(new SectionSchema(
            "The board.",
            new("serie", new ChoiceRule(["STM32H7"]), "The family.", "STM32H7"),
            new("board", new TextRule("a board name, such as STM32H747I-DISCO"), "The board.", "STM32H747I-DISCO"),
            new("input", new IgnoredRule(), "The generated code takes pixels; the camera is the application's."),
            new("output", new IgnoredRule(), "The generated code returns scores; the display is the application's."))), "The board."));

    /// <summary>Section <c>tools</c>: ST's programs, which Kindling does without.</summary>
    public static SectionSchema Tools { get; } = new(
        "Paths of ST's programs; Kindling needs none of them.",
        new KeySchema("stm32ai", new IgnoredRule(), "Accepted, without effect."),
        new KeySchema("stedgeai", new IgnoredRule(), "Accepted, without effect."),
        new KeySchema("path_to_cubeIDE", new IgnoredRule(), "Accepted, without effect."));
}
