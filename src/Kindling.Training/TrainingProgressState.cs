using System.Text.Json;

namespace Kindling.Training;

/// <summary>What a resumed training must know beside weights and optimizer, kept as JSON in a checkpoint's metadata.</summary>
internal sealed class TrainingProgressState
{
    /// <summary>Epochs completed.</summary>
    public int Epochs { get; set; }

    /// <summary>Updates done.</summary>
    public long Steps { get; set; }

    /// <summary>Batches of an epoch, to notice other data.</summary>
    public int StepsPerEpoch { get; set; }

    /// <summary>Images of a batch, to notice other options.</summary>
    public int BatchSize { get; set; }

    /// <summary>The optimizer's name.</summary>
    public string Optimizer { get; set; } = "";

    /// <summary>The learning rate of the next epoch when no schedule sets it.</summary>
    public float LearningRate { get; set; }

    /// <summary>Seed of dropout.</summary>
    public long Seed { get; set; }

    /// <summary>The best epoch, from 1; 0 before the first.</summary>
    public int BestEpoch { get; set; }

    /// <summary>The callbacks' states by name; infinities are left out.</summary>
    public Dictionary<string, Dictionary<string, double>> Callbacks { get; set; } = [];

    /// <summary>The epochs so far.</summary>
    public List<EpochResult> History { get; set; } = [];

    public string ToJson() => JsonSerializer.Serialize(this);

    public static TrainingProgressState FromJson(string json, string file)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingProgressState>(json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"{file}: the training state is damaged: {e.Message}", e);
        }
    }
}
