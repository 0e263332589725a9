using System.Globalization;
using System.Xml.Linq;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>The generated C on the simulated target.</summary>
internal static class DeviceSection
{
    public static XElement Create(ReportModel model)
    {
        if (model.Device.Content is not { } device)
            return Section("device", "On the microcontroller", Missing(model.Device.Reason!));
        var rows = new List<IReadOnlyList<object>>
        {
            new object[] { "RAM: activations (the arena)", Kib(device.ActivationRamBytes), Count(device.ActivationRamBytes) },
        };
        Row("RAM: runtime (other static data)", device.RuntimeRamBytes);
        Row("Flash: weights", device.WeightsFlashBytes);
        Row("Flash: code", device.CodeFlashBytes);
        return Section("device", "On the microcontroller",
            El("p", $"{device.Target}. RAM and flash are read from the linked image."),
            device.ImagesCompared == 0 ? null : El("p",
                device.ImagesEqual == device.ImagesCompared
                    ? [El("span.right", "Equal to the bit: "), $"the C code gave the host's outputs for all {device.ImagesCompared} photos."]
                    : [El("span.wrong", "Not equal: "), $"the C code gave other outputs than the host for {device.ImagesCompared - device.ImagesEqual} of {device.ImagesCompared} photos."]),
            Table(["memory", "#size", "#bytes"], rows),
            device.Instructions is not { } instructions ? null : El("p",
                $"{Count(instructions)} instructions an inference, {(device.Macs > 0 ? ((double)instructions / device.Macs).ToString("F2", CultureInfo.InvariantCulture) : "–")} for each of its {Count(device.Macs)} multiply-accumulates. "
                + "Instructions are counted by the simulator and repeat exactly; they are not cycles, which depend on caches and flash of the board."),
            device.Time is { } time ? El("p", time) : null,
            device.Notes.Select(Missing));

        void Row(string name, long? bytes)
        {
            if (bytes is { } value)
                rows.Add([name, Kib(value), Count(value)]);
        }
    }
}
