namespace Kindling.Reports.Metrics;

/// <summary>How well one class is told from the others. Shares are from 0 to 1; a share of nothing is 0.</summary>
/// <param name="Name">The class.</param>
/// <param name="Images">Images of the class.</param>
/// <param name="Precision">Share of the images predicted as this class that are of it.</param>
/// <param name="Recall">Share of the images of this class that were predicted as it.</param>
/// <param name="F1">Harmonic mean of precision and recall.</param>
public sealed record ClassMetrics(string Name, long Images, double Precision, double Recall, double F1);
