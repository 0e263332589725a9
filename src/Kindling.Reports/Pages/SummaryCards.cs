using System.Globalization;
using System.Xml.Linq;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>The figures one looks for first.</summary>
internal static class SummaryCards
{
    /// <summary>Points of top-1 that int8 may lose before its card turns red.</summary>
    private const double WorryingLoss = 1.0;

    public static XElement Create(ReportModel model)
    {
        var device = model.Device.Content;
        return El("div.cards",
            Accuracy("Float accuracy", model.FloatAccuracy.Content?.Top1, model),
            Accuracy("Int8 accuracy", model.Int8Accuracy.Content?.Top1, model),
            Difference(model),
            Card("RAM", device is null ? model.Memory.Content is { } memory ? Kib(memory.Plan.ArenaBytes) : null : Kib(device.ActivationRamBytes + (device.RuntimeRamBytes ?? 0)),
                device?.RuntimeRamBytes is null ? "activations, as planned" : $"{Kib(device.ActivationRamBytes)} of activations"),
            Card("Flash", device?.WeightsFlashBytes is { } weights ? Kib(weights + (device.CodeFlashBytes ?? 0)) : model.Layers.Content is { } layers ? Kib(layers.WeightBytes) : null,
                device?.WeightsFlashBytes is { } w ? $"{Kib(w)} of weights" : "weights only"),
            Card("Instructions", device?.Instructions is { } instructions ? Millions(instructions) : null, device is null ? "not measured" : device.Instructions is null ? "not measured" : $"an inference, {device.Target}"),
            Card("Work", model.Layers.Content is { } l ? Millions(l.Macs) : null, "multiply-accumulates"),
            Card("Parameters", model.Layers.Content is { } summary ? Millions(summary.Parameters) : null, "weights and biases"));
    }

    private static XElement Accuracy(string name, double? top1, ReportModel model) =>
        Card(name, top1 is { } value ? Percent(value) : null, top1 is null ? "not measured" : $"top-1, {model.EvaluatedOn}");

    private static XElement Difference(ReportModel model)
    {
        if (model.FloatAccuracy.Content is not { } floating || model.Int8Accuracy.Content is not { } quantized)
            return Card("Int8 minus float", null, "not measured");
        var points = (quantized.Top1 - floating.Top1) * 100;
        return Card(
            "Int8 minus float", $"{(points > 0 ? "+" : points < 0 ? "−" : "")}{Math.Abs(points).ToString("F2", CultureInfo.InvariantCulture)}", "points of top-1",
            points < -WorryingLoss ? "bad" : "good");
    }

    private static XElement Card(string name, string? value, string note, string? kind = null) =>
        El(value is null ? "div.card.none" : kind is null ? "div.card" : $"div.card.{kind}", El("div.name", name), El("div.value", value ?? "–"), El("div.note", note));
}
