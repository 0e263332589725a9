using Kindling.Execution;

namespace Kindling.Cli.Pipeline;

/// <summary>Evaluation photos as the int8 network takes them.</summary>
internal static class BoardInputs
{
    /// <summary>The first photos, spread over the classes by the split's own shuffling; none when there are no photos.</summary>
    public static IReadOnlyList<byte[]> Of(PipelineState state, int count)
    {
        if (state.Photos.Evaluation is not { } photos || state.Int8Graph is not { } graph)
            return [];
        var encoder = new InputEncoder(graph.Inputs[0], photos.Preprocessing);
        return [.. Enumerable.Range(0, Math.Min(count, photos.Count)).Select(i =>
        {
            var bytes = new byte[graph.Inputs[0].Bytes];
            encoder.EncodePixels(photos.Pixels(i), bytes);
            return bytes;
        })];
    }
}
