using System.Globalization;
using System.Text;
using Kindling.IO;

namespace Kindling.Training;

/// <summary>The epochs of a training as CSV, for spreadsheets and plots.</summary>
public static class TrainingLog
{
    /// <summary>The columns.</summary>
    public const string Header = "epoch,lr,loss,accuracy,val_loss,val_accuracy,images_per_second,seconds";

    /// <summary>Writes all epochs; columns without a value stay empty.</summary>
    /// <exception cref="KindlingException">The folder cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<EpochResult> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var text = new StringBuilder(Header).Append('\n');
        foreach (var e in history)
        {
            text.Append(CultureInfo.InvariantCulture, $"{e.Epoch},{e.LearningRate:G6},{e.Loss:F6},{e.Accuracy:F6},");
            text.Append(CultureInfo.InvariantCulture, $"{e.ValidationLoss:F6},{e.ValidationAccuracy:F6},{e.ImagesPerSecond:F1},{e.Seconds:F2}\n");
        }

        AtomicFile.Write(path, text.ToString());
    }
}
