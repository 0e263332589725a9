using System.Globalization;
using System.Text;
using Kindling.Data.Augmentation;

namespace Kindling.Cli.Configuration.Schema;

/// <summary>The guide to data_augmentation, written from the catalogue so that it cannot disagree with it.</summary>
internal static class AugmentationGuide
{
    /// <summary>The guide as Markdown.</summary>
    public static string Write()
    {
        var text = new StringBuilder("""
            # Data augmentation

            Section `data_augmentation` of [user_config.yaml](configuration.md) lists functions that alter the training photos, and only these. They run in the
            order of the file, each at most once, on the rescaled image; names, parameters and defaults are those of ST's model zoo (`random_resized_crop` is an addition).
            This page is written from the catalogue itself.

            ```yaml
            data_augmentation:
              random_flip: {mode: horizontal}
              random_rotation: {factor: 0.05}
              random_contrast: {factor: 0.3}
            ```

            `kindling augment my.yaml --preview sheet.png` shows what a configuration does to its photos, `kindling augment --data PATH --each --preview sheet.png` shows
            every function. Each image of each epoch has its own random numbers, which depend on `general.global_seed`, the epoch and the image only: the same for any number
            of threads, and after a resumed training.

            - Every function takes `change_rate`, the share of images it alters, image by image.
            - A range is a pair `(low, high)` that is drawn from uniformly, or one number v; what v stands for is said at each parameter.
            - Rescaled units are those of `preprocessing.rescaling`: with scale 1/127.5 and offset -1 black is -1 and white 1. Results are clipped to the range from black to white.
            - Colour functions work on values from 0 (black) to 1 (white), whatever the rescaling.
            - Neighbouring geometric functions with the same fill and interpolation are combined into one map, so that the image is read between pixels once.
            - `preprocessing.standardization: per_image` is applied after the augmentation.

            ## Where results differ from ST's scripts

            - `random_flip` mirrors exactly; ST's flip moves the image by one pixel.
            - `random_contrast`: one number v stands for (1 - v, 1 + v), as ST's code has it (its README says (-v, v)).
            - `random_saturation`, `random_hsv`: gray stays gray.
            - `random_periodic_resizing`: the period is counted in epochs, and a size depends on `general.global_seed` and the period only, also after a resumed training.
              Photos are resized after all other functions, whatever the order of the file. All photos of a batch have one size, so `change_rate` is the share of the
              periods that are resized. Where a network cannot change its size (`kindling augment`, quantization-aware fine-tuning), photos are reduced to the drawn size
              and enlarged again.

            ## Functions

            """);
        foreach (var function in AugmentationCatalogue.Functions)
            WriteFunction(text, function);
        return text.ToString();
    }

    private static void WriteFunction(StringBuilder text, AugmentationFunction function)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n### {function.Name}\n\n{function.Description}{(function.NeedsColor ? " Not for grayscale networks." : "")}\n\n");
        text.Append("| parameter | allowed | default | meaning |\n|---|---|---|---|\n");
        foreach (var p in function.Parameters)
        {
            var standard = p.Required ? "required" : AugmentationSection.Show(p.Default);
            text.Append(CultureInfo.InvariantCulture, $"| `{p.Name}` | {AugmentationSection.Allowed(p)} | {standard} | {p.Description} |\n");
        }
    }
}
