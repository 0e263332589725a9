using System.Xml.Linq;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>The photos that were taken for something else with the most confidence.</summary>
internal static class MistakesSection
{
    public static XElement Create(ReportModel model)
    {
        if (model.Mistakes.Content is not { } mistakes)
            return Section("mistakes", "Most confident mistakes", Missing(model.Mistakes.Reason!));
        if (mistakes.Count == 0)
            return Section("mistakes", "Most confident mistakes", El("p", $"None: every photo of {model.EvaluatedOn} was classified rightly."));
        return Section("mistakes", "Most confident mistakes",
            El("p", "Shown as the network saw them. Some of them say more about the labels than about the network."),
            El("div.photos", mistakes.Select(m => El("figure",
                new XElement("img", new XAttribute("alt", m.Name), new XAttribute("loading", "lazy"), new XAttribute("src", $"data:image/png;base64,{Convert.ToBase64String(m.Png.Span)}")),
                El("figcaption",
                    El("span.wrong", m.Predicted), $" {Percent(m.Confidence, 0)}, is ", El("span.right", m.Actual), $" {Percent(m.ActualConfidence, 0)}",
                    El("div.small", m.Name))))));
    }
}
