using Kindling.Graphs;

namespace Kindling.Cli.Models;

/// <summary>A model with what is needed to feed it photos.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Path">The file or the name it came from.</param>
/// <param name="Preprocessing">How a photo becomes its input.</param>
/// <param name="Note">What was assumed because the file does not say; null when it says everything.</param>
internal sealed record LoadedModel(Graph Graph, string Path, Preprocessing Preprocessing, string? Note);
