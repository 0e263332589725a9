namespace Kindling.Reports.Cards;

/// <summary>What a model card tells of a trained model: what it is, what was measured, and how to measure it again.</summary>
public sealed record ModelCard
{
    /// <summary>The model's name: its folder's.</summary>
    public required string Name { get; init; }

    /// <summary>The network's name in the zoo: <c>mobilenet_v1_0.25</c>.</summary>
    public required string Network { get; init; }

    /// <summary>One sentence on the network.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where the network was published; empty when unknown.</summary>
    public string Paper { get; init; } = "";

    /// <summary>The input as HEIGHTxWIDTHxCHANNELS.</summary>
    public required string Input { get; init; }

    /// <summary>How a photo becomes the input.</summary>
    public string Preprocessing { get; init; } = "";

    /// <summary>The data set's name.</summary>
    public required string DataSet { get; init; }

    /// <summary>What accuracy was measured on, as a phrase: <c>734 validation photos</c>.</summary>
    public required string EvaluatedOn { get; init; }

    /// <summary>The classes in the order of the outputs.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Weights, biases and statistics of the float network.</summary>
    public long Parameters { get; init; }

    /// <summary>The same without the moving statistics of batch normalization.</summary>
    public long TrainableParameters { get; init; }

    /// <summary>Multiply-accumulates of one photo.</summary>
    public long Macs { get; init; }

    /// <summary>The licence of the weights; null when the files do not say.</summary>
    public string? License { get; init; }

    /// <summary>Inputs and outputs of each file.</summary>
    public IReadOnlyList<CardTensor> Tensors { get; init; } = [];

    /// <summary>The files of the model.</summary>
    public IReadOnlyList<CardFile> Files { get; init; } = [];

    /// <summary>Accuracy of the float file; null when there is none.</summary>
    public CardAccuracy? Float { get; init; }

    /// <summary>Accuracy of the int8 file; null when there is none.</summary>
    public CardAccuracy? Int8 { get; init; }

    /// <summary>Memory and instructions on the simulated board; null when they were not measured.</summary>
    public CardDevice? Device { get; init; }

    /// <summary>Why <see cref="Device"/> is missing; null when it is there.</summary>
    public string? DeviceMissing { get; init; }

    /// <summary>How it was trained; null when the folder does not say.</summary>
    public CardTraining? Training { get; init; }

    /// <summary>Commands that use the files.</summary>
    public IReadOnlyList<string> Use { get; init; } = [];

    /// <summary>Which command gives which figures.</summary>
    public IReadOnlyList<CardCommand> Commands { get; init; } = [];
}

/// <summary>An input or output of a file.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Role"><c>input</c> or <c>output</c>.</param>
/// <param name="Shape">Its shape: <c>1x96x96x3</c>.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Scale">What one step of an 8-bit element is worth; null for floats.</param>
/// <param name="ZeroPoint">The 8-bit element that stands for 0; null for floats.</param>
/// <param name="Meaning">What it holds.</param>
public sealed record CardTensor(string File, string Role, string Shape, string Type, float? Scale, int? ZeroPoint, string Meaning);

/// <summary>A file of the model.</summary>
/// <param name="Name">Its name inside the folder.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Content">What it holds.</param>
public sealed record CardFile(string Name, long Bytes, string Content);

/// <summary>Accuracy on a data set; shares from 0 to 1.</summary>
/// <param name="Top1">Share of photos whose class has the highest score.</param>
/// <param name="Top5">Share of photos whose class is among the five highest.</param>
/// <param name="MacroF1">Mean of the classes' F1.</param>
/// <param name="Images">Photos measured.</param>
/// <param name="Classes">The classes one by one.</param>
public sealed record CardAccuracy(double Top1, double Top5, double MacroF1, long Images, IReadOnlyList<CardClass> Classes);

/// <summary>One class of an evaluation; shares from 0 to 1.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Images">Its photos.</param>
/// <param name="Precision">Share of the photos given this class that have it.</param>
/// <param name="Recall">Share of its photos that were given this class.</param>
/// <param name="F1">Harmonic mean of both.</param>
public sealed record CardClass(string Name, long Images, double Precision, double Recall, double F1);

/// <summary>What the generated C takes on a board, from the linked image and the simulator.</summary>
public sealed record CardDevice
{
    /// <summary>The board: <c>STM32H747I-DISCO</c>.</summary>
    public required string Board { get; init; }

    /// <summary>Its core: <c>Cortex-M7</c>.</summary>
    public required string Core { get; init; }

    /// <summary>Bytes of the arena: input, output and all activations.</summary>
    public required long ActivationRamBytes { get; init; }

    /// <summary>Bytes of all other RAM: static data and stack.</summary>
    public required long RuntimeRamBytes { get; init; }

    /// <summary>Bytes of weights, biases and requantization constants in flash.</summary>
    public required long WeightsFlashBytes { get; init; }

    /// <summary>Bytes of code and tables in flash.</summary>
    public required long CodeFlashBytes { get; init; }

    /// <summary>Instructions of one inference.</summary>
    public required long Instructions { get; init; }

    /// <summary>Multiply-accumulates of the int8 network, padding taps included.</summary>
    public required long Macs { get; init; }

    /// <summary>Inputs that were run.</summary>
    public required int Inputs { get; init; }

    /// <summary>Inputs among them whose outputs equal the host's to the bit.</summary>
    public required int OutputsEqualHost { get; init; }

    /// <summary>True when the board's own memories hold it.</summary>
    public required bool Fits { get; init; }

    /// <summary>The compiler's version.</summary>
    public required string Compiler { get; init; }

    /// <summary>The simulator's version.</summary>
    public required string Emulator { get; init; }

    /// <summary>What one inference may take on the board; null when it was not estimated.</summary>
    public CardTime? Time { get; init; }

    /// <summary>RAM in all.</summary>
    public long RamBytes => ActivationRamBytes + RuntimeRamBytes;

    /// <summary>Flash in all.</summary>
    public long FlashBytes => WeightsFlashBytes + CodeFlashBytes;
}

/// <summary>How a model was trained, as its configuration and log say.</summary>
/// <param name="Notes">What the head of the configuration says.</param>
/// <param name="Commands">The commands it names.</param>
/// <param name="Seed">Seed of weights, order and augmentation.</param>
/// <param name="SplitSeed">Seed of the division into training and validation.</param>
/// <param name="Epochs">The epochs of the log.</param>
public sealed record CardTraining(string Notes, IReadOnlyList<string> Commands, int Seed, int SplitSeed, IReadOnlyList<CardEpoch> Epochs)
{
    /// <summary>The epoch with the highest accuracy on validation, the first of equals; null without a log.</summary>
    public CardEpoch? Best => Epochs.Count == 0 ? null : Epochs.MaxBy(e => e.ValidationAccuracy);
}

/// <summary>One epoch of a training log.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Accuracy">Share of augmented training photos classified rightly.</param>
/// <param name="ValidationAccuracy">Share of validation photos classified rightly; null when not measured.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record CardEpoch(int Epoch, double Accuracy, double? ValidationAccuracy, double Seconds);

/// <summary>A command and what it gives.</summary>
/// <param name="Gives">The figures.</param>
/// <param name="Command">The command line.</param>
public sealed record CardCommand(string Gives, string Command);
