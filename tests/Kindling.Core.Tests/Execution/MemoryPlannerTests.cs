using Kindling.Execution;
using Kindling.Graphs;
using Kindling.Graphs.Operators;
using Kindling.Tests.Kernels.Float;

namespace Kindling.Tests.Execution;

public sealed class MemoryPlannerTests
{
    [Fact]
    public void Values_alive_at_the_same_time_never_share_memory_unless_planned_to() => RandomCases.ForAll(200, random =>
    {
        var graph = RandomGraphs.Create(random);
        var plan = MemoryPlanner.Plan(graph, new MemoryPlanOptions(Batch: random.Between(1, 3)));
        foreach (var a in plan.Placements)
        {
            Assert.InRange(a.Offset, 0, plan.ArenaBytes - 1);
            foreach (var b in plan.Placements.Where(b => a.Value != b.Value && a.FirstStep <= b.FirstStep))
            {
                if (a.LastStep >= b.FirstStep && Overlap(a, b))
                    Assert.True(IsDeliberate(graph, a, b), $"{a} and {b}");
            }
        }
    });

    [Fact]
    public void Arena_is_at_least_what_lives_at_one_step() => RandomCases.ForAll(100, random =>
    {
        var graph = RandomGraphs.Create(random);
        var plan = MemoryPlanner.Plan(graph);
        for (var step = 0; step < graph.Nodes.Count; step++)
        {
            var alive = plan.Placements.Where(p => p.FirstStep <= step && step <= p.LastStep && p.Kind == PlacementKind.Own);
            Assert.True(plan.ArenaBytes >= alive.Sum(p => p.Bytes));
        }
    });

    [Fact]
    public void Without_reuse_every_value_has_memory_of_its_own() => RandomCases.ForAll(50, random =>
    {
        var plan = MemoryPlanner.Plan(RandomGraphs.Create(random), new MemoryPlanOptions(Reuse: false));
        Assert.All(plan.Placements, p => Assert.Equal(PlacementKind.Own, p.Kind));
        var ordered = plan.Placements.OrderBy(p => p.Offset).ToList();
        for (var i = 1; i < ordered.Count; i++)
            Assert.True(ordered[i - 1].Offset + ordered[i - 1].Bytes <= ordered[i].Offset);
    });

    [Fact]
    public void Convolutions_write_straight_into_their_concatenation()
    {
        var b = new GraphBuilder("fire");
        var x = b.Input("x", 1, 8, 8, 4);
        var left = b.Conv2D(x, 6, 1, name: "left");
        var right = b.MaxPool2D(x, 3, 1, BorderMode.Same, name: "right");
        var joined = b.Concat("joined", left, right);
        var graph = b.Build(null, b.Conv2D(joined, 2, 1));
        var plan = MemoryPlanner.Plan(graph);

        Assert.Contains(graph.Producer(joined)!, plan.SkippedNodes);
        Assert.Equal(plan[joined].Offset, plan[left].Offset);
        Assert.Equal(plan[joined].Offset + (6 * sizeof(float)), plan[right].Offset);
        Assert.Equal((10, 10), (plan[left].PixelStride, plan[right].PixelStride));
        Assert.Equal((PlacementKind.ConcatSlice, PlacementKind.ConcatSlice), (plan[left].Kind, plan[right].Kind));
    }

    [Fact]
    public void Values_read_elsewhere_are_copied_into_the_concatenation()
    {
        var b = new GraphBuilder("shared");
        var x = b.Input("x", 1, 8, 8, 4);
        var left = b.Conv2D(x, 6, 1, name: "left");
        var right = b.Conv2D(left, 4, 1, name: "right");
        var joined = b.Concat("joined", left, right);
        var graph = b.Build(null, joined);
        var plan = MemoryPlanner.Plan(graph);

        Assert.DoesNotContain(graph.Producer(joined)!, plan.SkippedNodes);
        Assert.Equal(PlacementKind.Own, plan[left].Kind);
    }

    [Fact]
    public void Elementwise_operators_run_over_an_input_that_nobody_needs_any_more()
    {
        var b = new GraphBuilder("residual");
        var x = b.Input("x", 1, 8, 8, 4);
        var first = b.Conv2D(x, 4, 3, name: "first");
        var relu = b.Relu(first, "relu");
        var second = b.Conv2D(relu, 4, 3, name: "second");
        var sum = b.Add(relu, second, "sum");
        var graph = b.Build(null, b.Conv2D(sum, 4, 1));
        var plan = MemoryPlanner.Plan(graph);

        Assert.Equal((PlacementKind.InPlace, plan[first].Offset), (plan[relu].Kind, plan[relu].Offset));
        Assert.Equal((PlacementKind.InPlace, plan[relu].Offset), (plan[sum].Kind, plan[sum].Offset));
    }

    [Fact]
    public void ArenaPlanner_lets_a_buffer_lie_over_a_dying_one_only_as_near_as_it_may() => RandomCases.ForAll(200, random =>
    {
        // Each buffer is written in the step that reads the one before it for the last time.
        var buffers = Enumerable.Range(0, random.Between(2, 12)).Select(i => new BufferLifetime(random.Between(1, 400), i, i + 1)).ToList();
        buffers.AddRange(Enumerable.Range(0, random.Between(0, 3)).Select(i => new BufferLifetime(random.Between(1, 100), i, i + random.Between(0, 6))));
        var overlaps = new List<BufferOverlap>();
        for (var i = 0; i + 1 < buffers.Count && buffers[i + 1].First == i + 1; i++)
            overlaps.Add(new BufferOverlap(i, i + 1, new OverlapRule(random.Between(-100, 300), OnlyTogether: random.Between(0, 3) == 0)));

        var (offsets, arena) = ArenaPlanner.Assign(buffers, 4, overlaps, exchanges: 50);

        for (var a = 0; a < buffers.Count; a++)
        {
            Assert.InRange(offsets[a] + buffers[a].Bytes, 1, arena);
            Assert.Equal(0, offsets[a] % 4);
            for (var b = 0; b < buffers.Count; b++)
            {
                var isTogether = a != b && buffers[a].First <= buffers[b].Last && buffers[b].First <= buffers[a].Last;
                var isApart = offsets[a] + buffers[a].Bytes <= offsets[b] || offsets[b] + buffers[b].Bytes <= offsets[a];
                if (!isTogether || isApart)
                    continue;
                var (dying, born) = buffers[a].First < buffers[b].First ? (a, b) : (b, a);
                var rule = Assert.Single(overlaps, o => o.Dying == dying && o.Born == born).Rule;
                Assert.True(rule.OnlyTogether ? offsets[dying] == offsets[born] : offsets[dying] - offsets[born] >= rule.Distance, $"{rule}: {offsets[dying]}, {offsets[born]}");
            }
        }
    });

    [Fact]
    public void ArenaPlanner_needs_no_more_than_the_output_when_the_input_may_lie_at_its_end()
    {
        BufferLifetime[] buffers = [new(100, 0, 1), new(300, 1, 2)];

        var (offsets, arena) = ArenaPlanner.Assign(buffers, 4, [new BufferOverlap(0, 1, new OverlapRule(200))]);

        Assert.Equal(300, arena);
        Assert.True(offsets[0] - offsets[1] >= 200);
    }

    [Fact]
    public void ArenaPlanner_keeps_buffers_apart_aligned_and_above_the_lower_bound() => RandomCases.ForAll(200, random =>
    {
        var buffers = Enumerable.Range(0, random.Between(1, 25)).Select(_ =>
        {
            var first = random.Between(-1, 20);
            return new BufferLifetime(random.Between(1, 5000), first, first + random.Between(0, 8));
        }).ToList();
        var alignment = 1 << random.Between(0, 7);
        var (offsets, arena) = ArenaPlanner.Assign(buffers, alignment);

        Assert.True(arena >= ArenaPlanner.LowerBound(buffers));
        for (var i = 0; i < buffers.Count; i++)
        {
            Assert.Equal(0, offsets[i] % alignment);
            Assert.InRange(offsets[i] + buffers[i].Bytes, 1, arena);
            for (var j = 0; j < i; j++)
            {
                var meet = buffers[i].First <= buffers[j].Last && buffers[j].First <= buffers[i].Last;
                Assert.True(!meet || offsets[i] + buffers[i].Bytes <= offsets[j] || offsets[j] + buffers[j].Bytes <= offsets[i]);
            }
        }
    });

    private static bool Overlap(Placement a, Placement b) => a.Offset < b.Offset + Extent(b) && b.Offset < a.Offset + Extent(a);

    // From the first to behind the last byte; the gaps of a slice included.
    private static long Extent(Placement p)
    {
        var channels = p.Value.Shape.Channels;
        var pixels = p.Bytes / (channels * sizeof(float));
        return (((pixels - 1) * p.PixelStride) + channels) * sizeof(float);
    }

    // Of two values, a written first: b may run over its input a, lie in a's pixels beside it, or hold a as a slice.
    private static bool IsDeliberate(Graph graph, Placement a, Placement b)
    {
        var producer = graph.Producer(b.Value);
        if (b.Kind == PlacementKind.InPlace && producer!.Inputs.Contains(a.Value))
            return a.LastStep == b.FirstStep && a.Offset == b.Offset;
        if (a.Kind != PlacementKind.ConcatSlice)
            return false;
        if (producer!.Operator is Concat && producer.Inputs.Contains(a.Value))
            return a.PixelStride == b.PixelStride && a.LastStep == b.FirstStep;
        var apart = (b.Offset - a.Offset) / sizeof(float);
        return b.Kind == PlacementKind.ConcatSlice && a.PixelStride == b.PixelStride && Math.Abs(apart) < a.PixelStride
            && (apart > 0 ? apart >= a.Value.Shape.Channels : -apart >= b.Value.Shape.Channels);
    }
}
