using System.Diagnostics;
using Kindling.Execution;

namespace Kindling.Tests.Execution;

public sealed unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_chunk_runs_exactly_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        var runs = new int[57];
        var kernel = new ActionKernel(runs.Length, chunk => Interlocked.Increment(ref runs[chunk]));
        for (var i = 0; i < 2000; i++)
            pool.Run(kernel);
        Assert.All(runs, r => Assert.Equal(2000, r));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_fault_in_a_chunk_reaches_the_caller_and_the_pool_lives_on(int threads)
    {
        using var pool = new WorkerPool(threads);
        var faulty = new ActionKernel(20, chunk =>
        {
            if (chunk == 13)
                throw new InvalidOperationException("chunk 13");
        });
        for (var i = 0; i < 50; i++)
            Assert.Equal("chunk 13", Assert.Throws<InvalidOperationException>(() => pool.Run(faulty)).Message);

        var done = 0;
        pool.Run(new ActionKernel(20, _ => Interlocked.Increment(ref done)));
        Assert.Equal(20, done);
    }

    [Fact]
    public void Many_tiny_jobs_neither_hang_nor_cost_much()
    {
        using var pool = new WorkerPool(2);
        var sum = 0L;
        var kernel = new ActionKernel(3, chunk => Interlocked.Add(ref sum, chunk));
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 30; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < 1000; i++)
                pool.Run(kernel);
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
        }

        Assert.Equal(30 * 1000 * 3, sum);
        // Generous against neighbours on the machine: the target is 5 microseconds a job.
        Assert.True(best.TotalMicroseconds / 1000 < 50, $"{best.TotalMicroseconds / 1000:F1} us a job");
    }

    [Fact]
    public void Jobs_after_a_pause_wake_the_threads_again()
    {
        using var pool = new WorkerPool(2);
        var done = 0;
        var kernel = new ActionKernel(8, _ =>
        {
            Interlocked.Increment(ref done);
            Thread.Sleep(1);
        });
        for (var i = 0; i < 5; i++)
        {
            pool.Run(kernel);
            Thread.Sleep(60);
        }

        Assert.Equal(40, done);
    }

    [Fact]
    public void One_chunk_stays_on_the_calling_thread()
    {
        using var pool = new WorkerPool(4);
        var caller = Environment.CurrentManagedThreadId;
        var others = 0;
        var kernel = new ActionKernel(1, _ => others += Environment.CurrentManagedThreadId == caller ? 0 : 1);
        for (var i = 0; i < 1000; i++)
            pool.Run(kernel);
        Assert.Equal(0, others);
    }

    [Fact]
    public void Each_thread_has_scratch_of_its_own_also_when_it_grew_while_threads_were_looking_for_work()
    {
        using var pool = new WorkerPool(3);
        for (var size = 64; size <= 1 << 16; size *= 2)
        {
            var kernel = new ScratchKernel(size);
            pool.Reserve(kernel);
            for (var i = 0; i < 20; i++)
                pool.Run(kernel);
            Assert.False(kernel.Clashed);
        }
    }

    private sealed class ActionKernel(int chunks, Action<int> run) : Kernel
    {
        public override int Chunks => chunks;

        public override void Run(int chunk, byte* scratch) => run(chunk);
    }

    private sealed class ScratchKernel(int bytes) : Kernel
    {
        public bool Clashed { get; private set; }

        public override int Chunks => 12;

        public override int ScratchBytes => bytes;

        public override void Run(int chunk, byte* scratch)
        {
            var memory = new Span<byte>(scratch, bytes);
            memory.Fill((byte)(chunk + 1));
            if (memory.ContainsAnyExcept((byte)(chunk + 1)))
                Clashed = true;
        }
    }
}
