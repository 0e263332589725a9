using Kindling.Data;
using Kindling.Data.Augmentation;
using Kindling.Graphs;
using Kindling.Training;
using Kindling.Training.Optimizers;
using Kindling.Zoo;

namespace Kindling.Cli.Tests.Samples;

/// <summary>The sample of docs/training.md: its body is what the page shows, so that the page compiles.</summary>
internal static class FashionMnistSample
{
    public static void Run(string[] args)
    {
        // The folder of Fashion-MNIST's four files, packed or not.
        using var images = ImageDataset.Open(args[0]);
        var preprocessing = new Preprocessing(32, 32, ColorMode.Grayscale, [1 / 255f], [0], Standardization: Standardization.PerImage);
        var train = DecodedImageCache.Load(images, preprocessing);
        var test = DecodedImageCache.Load(images.TestSet!, preprocessing);

        var network = NotebookSqueezeNet.V1(new ModelOptions
        {
            Height = 32,
            Width = 32,
            Channels = 1,
            Classes = 10,
            Dropout = 0.5f,
            Metadata = new ModelMetadata(preprocessing, images.ClassNames),
        });

        using var feed = new TrainingFeed(train, new AugmentationPipeline([], preprocessing), batchSize: 64, seed: 1);
        var options = new TrainerOptions
        {
            Epochs = 2,
            Optimizer = new Adam { LearningRate = 0.0005f },
            BestCheckpoint = "fashion_mnist.safetensors",
        };
        var result = Trainer.Fit(network, feed.AsSource(), new EvaluationFeed(test, batchSize: 100).AsSource(), options);

        foreach (var epoch in result.History)
            Console.WriteLine($"epoch {epoch.Epoch}: loss {epoch.Loss:F3}, {epoch.ValidationAccuracy:P2} of the test images right");
    }
}
