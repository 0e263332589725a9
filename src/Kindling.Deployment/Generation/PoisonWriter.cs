using System.Text;
using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;

namespace Kindling.Deployment.Generation;

/// <summary>
/// Writes network_poison.h: with KINDLING_POISON defined, every byte of the arena that no later layer reads is overwritten behind each layer,
/// so that a network whose plan were wrong would give other outputs.
/// </summary>
internal static class PoisonWriter
{
    /// <summary>The text of the file.</summary>
    public static string Write(GeneratedProject project)
    {
        var (graph, plan) = (project.Graph, project.Plan);
        var ranges = new StringBuilder();
        var count = 0;
        for (var step = 0; step < graph.Nodes.Count; step++)
        {
            if (plan.SkippedNodes.Contains(graph.Nodes[step]))
                continue;
            foreach (var (from, end) in Dead(graph, plan, step))
            {
                ranges.Append($"    {{ {step}, {from}, {end} }},\n");
                count++;
            }
        }

        var text = new StringBuilder("/* SPDX-License-Identifier: Apache-2.0 */\n");
        text.Append("/* For tests of the memory plan: behind each layer, bytes that no later one reads are overwritten. */\n");
        text.Append("#ifndef KINDLING_NETWORK_POISON_H\n#define KINDLING_NETWORK_POISON_H\n\n");
        text.Append($"/* Layer, first byte, end. */\nstatic const uint32_t poison_ranges[{Math.Max(1, count)}][3] = {{\n{(count > 0 ? ranges : "    { 0, 0, 0 },\n")}}};\n\n");
        text.Append("static void poison(uint32_t layer)\n{\n    for (uint32_t i = 0; i < sizeof poison_ranges / sizeof poison_ranges[0]; i++) {\n");
        text.Append("        if (poison_ranges[i][0] == layer) {\n");
        text.Append($"            memset({project.Symbol}_arena + poison_ranges[i][1], 0xA5, poison_ranges[i][2] - poison_ranges[i][1]);\n        }}\n    }}\n}}\n\n");
        return text.Append("#define KINDLING_AFTER_LAYER(step) poison(step)\n\n#endif\n").ToString();
    }

    /// <summary>The bytes that hold nothing behind a layer; behind one of a stage, those that the whole stage leaves alone.</summary>
    private static IEnumerable<(long From, long End)> Dead(Graph graph, MemoryPlan plan, int step)
    {
        var stage = plan.Stages.FirstOrDefault(s => s.First <= step && step <= s.Last);
        var live = plan.Placements
            .Where(p => stage is null ? p.FirstStep <= step && p.LastStep > step : p.FirstStep <= stage.Last && p.LastStep >= stage.First)
            .Select(p => Buffer(graph, plan, p)).ToList();
        if (stage is not null)
        {
            var scratch = plan.StageScratchOffsets[plan.Stages.TakeWhile(s => s != stage).Count()];
            live.Add((scratch, scratch + stage.ScratchBytes));
        }

        long free = 0;
        foreach (var (from, end) in live.OrderBy(r => r.From))
        {
            if (from > free)
                yield return (free, from);
            free = Math.Max(free, end);
        }

        if (free < plan.ArenaBytes)
            yield return (free, plan.ArenaBytes);
    }

    // The slices of a concatenation lie between each other.
    private static (long From, long End) Buffer(Graph graph, MemoryPlan plan, Placement placement)
    {
        while (placement.Kind == PlacementKind.ConcatSlice)
            placement = plan[graph.Consumers(placement.Value).Single(n => n.Operator is Concat).Output];
        return (placement.Offset, placement.Offset + placement.Bytes);
    }
}
