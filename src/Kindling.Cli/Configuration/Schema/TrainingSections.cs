using Kindling.Zoo;

namespace Kindling.Cli.Configuration.Schema;

/// <summary>Section <c>training</c> with its model, optimizers and callbacks.</summary>
internal static class TrainingSections
{
    private static readonly KeySchema LearningRate = new("learning_rate", NumberRule.Positive, "Step size, before any schedule.", "0.001");
    private static readonly KeySchema WeightDecay = new("weight_decay", new NumberRule(0, 1), "Share of each weight taken away at a step, times the learning rate (decoupled).", "0");
    private static readonly KeySchema Epsilon = new("epsilon", NumberRule.Positive, "Guards the division.", "1e-7");
    private static readonly KeySchema Beta1 = new("beta_1", new NumberRule(0, 1, ExcludesMost: true), "Decay of the first moment.", "0.9");
    private static readonly KeySchema Beta2 = new("beta_2", new NumberRule(0, 1, ExcludesMost: true), "Decay of the second moment.", "0.999");
    private static readonly KeySchema MinRate = new("min_lr", new NumberRule(0), "Lowest learning rate.", "0");
    private static readonly KeySchema Monitor = new("monitor", new ChoiceRule(["val_accuracy", "val_loss", "accuracy", "loss"]), "What is watched.", "val_accuracy");
    private static readonly KeySchema Mode = new("mode", new ChoiceRule(["auto", "max", "min"]), "Whether more or less is better.", "auto");
    private static readonly KeySchema MinDelta = new("min_delta", new NumberRule(0), "Smallest change that counts as better.", "0");
    private static readonly KeySchema Verbose = new("verbose", new IgnoredRule(), "See --verbose.");

    private static readonly KeySchema[] Clipping =
    [
        new("clipvalue", NumberRule.Positive, "Largest size of a gradient's element."),
        new("clipnorm", NumberRule.Positive, "Largest length of each parameter's gradient."),
        new("global_clipnorm", NumberRule.Positive, "Largest length of all gradients together."),
    ];

    /// <summary>The optimizers with their arguments.</summary>
    public static IReadOnlyDictionary<string, SectionSchema> Optimizers { get; } = new Dictionary<string, SectionSchema>
    {
        ["SGD"] = new(
            "Stochastic gradient descent with momentum.", LearningRate with { Default = "0.01" },
            new("momentum", new NumberRule(0, 1, ExcludesMost: true), "Share of the last step that is kept.", "0"),
            new("nesterov", new BooleanRule(), "Nesterov's momentum.", "false"), WeightDecay,
            Clipping[0], Clipping[1], Clipping[2]),
        ["Adam"] = new("Adam (Kingma and Ba 2015).", LearningRate, Beta1, Beta2, Epsilon, Clipping[0], Clipping[1], Clipping[2]),
        ["AdamW"] = new(
            "Adam with decoupled weight decay (Loshchilov and Hutter 2019).", LearningRate, Beta1, Beta2, Epsilon, WeightDecay with { Default = "0.004" },
            Clipping[0], Clipping[1], Clipping[2]),
        ["RMSprop"] = new(
            "RMSprop (Hinton 2012).", LearningRate, new("rho", new NumberRule(0, 1, ExcludesMost: true), "Decay of the squared gradient.", "0.9"),
            new("momentum", new NumberRule(0, 1, ExcludesMost: true), "Share of the last step that is kept.", "0"), Epsilon, WeightDecay,
            Clipping[0], Clipping[1], Clipping[2]),
    };

    /// <summary>All callbacks with their arguments.</summary>
    public static IReadOnlyDictionary<string, SectionSchema> Callbacks { get; } = new Dictionary<string, SectionSchema>(
        new Dictionary<string, SectionSchema>
        {
            ["EarlyStopping"] = new(
                "Ends the training when nothing gets better.", Monitor, Mode, new("patience", new IntegerRule(0), "Epochs to wait.", "30"), MinDelta,
                new("restore_best_weights", new BooleanRule(), "The best weights are what is quantized in any case.", "true"), Verbose),
            ["ReduceLROnPlateau"] = new(
                "Lowers the learning rate when nothing gets better.", Monitor, Mode, new("factor", new NumberRule(0, 1, true, true), "Factor.", "0.1"),
                new("patience", new IntegerRule(0), "Epochs to wait.", "10"), MinDelta with { Default = "1e-4" }, new("cooldown", new IntegerRule(0), "Epochs to rest afterwards.", "0"), MinRate, Verbose),
        }.Concat(ScheduleSections.All));

    /// <summary>Section <c>training</c>.</summary>
    public static SectionSchema Training { get; } = new(
        "The network and how it is trained.",
        new KeySchema("model", new SectionRule(new SectionSchema(
            "A network of the zoo.",
            new("name", new ChoiceRule([.. ZooCatalogue.Families.Select(f => f.Name), .. ZooCatalogue.Models.Select(m => m.Name)]), "The family, with its version below; or one network by its plain name, as `kindling zoo` lists it.", IsRequired: true),
            new("version", new TextRule(string.Join("; ", ZooCatalogue.Families.Select(f => $"{f.Name}: {string.Join(", ", f.Models.Select(m => m.Version).Distinct())}"))), "The version within the family; v10 and v11 are ST's SqueezeNets."),
            new("alpha", NumberRule.Positive, "Factor of all widths of a mobilenet: 0.25, 0.5, 0.75 or 1.0."),
            new("input_shape", new ImageShapeRule(), "Height, width and channels of the input.", IsRequired: true),
            new("pretrained_weights", new ChoiceRule(["imagenet"]), "Weights to start from, found in the folder KINDLING_WEIGHTS or among Keras' own downloads; empty starts from scratch."),
            new("pretrained_model_path", new TextRule("a model file"), "A model of the same design whose weights, all but the last layer's, are started from."),
            new("pretrained_fit", new BooleanRule(), "Fits layers of other widths and kernel sizes, for weights of a related network: more channels repeat the file's, fewer keep the largest filters, taps are distributed over the kernel.", "false"))),
            "The network; left out, the training goes on from general.model_path, or from the run that is resumed."),
        new KeySchema(
            "frozen_layers", new TextRule("backbone, or numbers and slices of layers such as (0:-1) or (4:8, 16, -1)"),
            "Layers that keep their weights, as Python counts them (the input is layer 0), or backbone: all before the classifier. Their batch normalization keeps its statistics too. Empty trains all."),
        new KeySchema("dropout", new NumberRule(0, 1, ExcludesMost: true), "Share of features dropped before the classifier; by default none, or what the model file says."),
        new KeySchema("drop_connect", new NumberRule(0, 1, ExcludesMost: true), "Share of samples that skip the last residual branch, earlier ones less often; EfficientNet only.", "0.2"),
        new KeySchema("batch_size", new IntegerRule(1, 65536), "Photos a step.", IsRequired: true),
        new KeySchema("epochs", new IntegerRule(1, 1_000_000), "Passes over the training photos.", IsRequired: true),
        new KeySchema("optimizer", new NamedRule("optimizer", Optimizers, Most: 1), "The optimizer with its arguments.", IsRequired: true),
        new KeySchema("label_smoothing", new NumberRule(0, 1, ExcludesMost: true), "Share of each target that is spread over all classes.", "0"),
        new KeySchema("class_weights", new ClassWeightsRule(), "Factor of the loss of each class' photos; balanced weighs all classes alike, however many photos they have. Empty weighs all photos alike."),
        new KeySchema("mixup", new SectionRule(new SectionSchema(
            "Blends pairs of photos and their targets (Zhang and others 2018).",
            new("alpha", NumberRule.Positive, "Mixup's strength: the weights of a pair are drawn from Beta(alpha, alpha).", "0.2"),
            new("change_rate", NumberRule.Share, "Share of the pairs that are blended.", "1"))), "Mixup."),
        new KeySchema("cutmix", new SectionRule(new SectionSchema(
            "Lets pairs of photos exchange a rectangle (Yun and others 2019).",
            new("alpha", NumberRule.Positive, "CutMix' strength: the area is drawn from Beta(alpha, alpha).", "1"),
            new("change_rate", NumberRule.Share, "Share of the pairs that exchange; mixup is asked for the others.", "0.5"))), "CutMix."),
        new KeySchema("ema", new SectionRule(new SectionSchema(
            "An exponential moving average of the weights, which is then what is validated and kept.",
            new KeySchema("decay", new NumberRule(0, 1, true, true), "Share of the average that stays at each step.", "0.999"))), "Averaging of weights."),
        new KeySchema("distillation", new SectionRule(new SectionSchema(
            "Learns from trained networks beside the labels (Hinton and others 2015).",
            new("teacher", new TextListRule("a model file, or a list of them such as [large.safetensors, other.onnx]"), "The teacher, a float network of the same classes (.safetensors, .h5, .onnx, .tflite); its input may have another size. Where it does not say how pixels are scaled, it is shown what the network is shown. Of several teachers the mean of their probabilities at the temperature is learnt.", IsRequired: true),
            new("temperature", NumberRule.Positive, "What the scores of both are divided by before they are compared.", "4"),
            new("weight", new NumberRule(0, 1, true), "Share of the loss that follows the teacher.", "0.7"),
            new("feature_weight", new NumberRule(0), "Factor of a further loss: how badly the teachers' features (what their last layer reads) are foretold from the network's by one layer that is thrown away afterwards, as a share of their square. 0 learns the scores only.", "0"))), "Distillation."),
        new KeySchema("callbacks", new NamedRule("callback", Callbacks), "What happens between epochs; at most one learning-rate schedule."),
        new KeySchema("resume_training_from", new TextRule("an output folder of an interrupted run, or its saved_models/last.safetensors"), "The run that is continued; same as --resume."),
        new KeySchema("trained_model_path", new TextRule("the path of a .safetensors file or of a folder"), "One more copy of the best weights."));
}
