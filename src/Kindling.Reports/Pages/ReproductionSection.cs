using System.Xml.Linq;
using static Kindling.Reports.Pages.Html;

namespace Kindling.Reports.Pages;

/// <summary>How to get the same figures again.</summary>
internal static class ReproductionSection
{
    public static XElement Create(ReportModel model)
    {
        var reproduction = model.Reproduction;
        return Section("reproduce", "How to reproduce",
            El("p", "The same command on the same version gives the same weights and the same figures, for any number of threads."),
            El("pre", reproduction.Command),
            El("table.facts", El("tbody", reproduction.Facts.Select(f => El("tr", El("th", f.Key), El("td", f.Value))))),
            reproduction.Configuration is null ? null : El("details", El("summary", "The configuration as it was used"), El("pre", reproduction.Configuration)));
    }
}
