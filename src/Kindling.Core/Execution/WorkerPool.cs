using System.Runtime.ExceptionServices;

namespace Kindling.Execution;

/// <summary>
/// The caller and a fixed set of persistent threads that take chunks of one kernel at a time. The caller waits for finished chunks,
/// not for threads, so a thread that the system never schedules costs nothing.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    private const int SpinsBeforeSleep = 4000;
    private const long Closed = int.MaxValue;
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _asleep;
    private readonly NativeBuffer?[] _scratch;
    private readonly Lock _gate = new();

    // Generation in the upper half, next chunk in the lower: taking a chunk is one compare-and-swap that fails when the job has changed.
    private long _ticket = Closed;
    private Kernel? _kernel;
    private int _chunks;
    private int _done;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;

    /// <summary>Starts <paramref name="threads"/> - 1 threads beside the caller.</summary>
    /// <param name="threads">Threads that work, the caller included; 0 takes one for each processor.</param>
    public WorkerPool(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _scratch = new NativeBuffer?[Threads];
        _threads = new Thread[Threads - 1];
        _wake = new SemaphoreSlim[_threads.Length];
        _asleep = new int[_threads.Length];
        for (var i = 0; i < _threads.Length; i++)
        {
            var index = i;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Serve(index)) { IsBackground = true, Name = $"kindling worker {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that work, the caller included.</summary>
    public int Threads { get; }

    /// <summary>Makes room for the scratch memory a kernel asks for. Call when compiling: running never allocates.</summary>
    public void Reserve(Kernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        lock (_gate)
        {
            for (var i = 0; i < Threads; i++)
            {
                if (kernel.ScratchBytes <= (_scratch[i]?.Length ?? 0))
                    continue;
                _scratch[i]?.Dispose();
                _scratch[i] = new NativeBuffer(kernel.ScratchBytes);
            }
        }
    }

    /// <summary>Runs all chunks of a kernel and returns when the last one is done.</summary>
    public void Run(Kernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        var chunks = kernel.Chunks;
        lock (_gate)
        {
            if (_threads.Length == 0 || chunks <= 1)
            {
                var scratch = Scratch(0);
                for (var i = 0; i < chunks; i++)
                    kernel.Run(i, scratch);
            }
            else
            {
                Dispatch(kernel, chunks);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        foreach (var semaphore in _wake)
            semaphore.Release();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var semaphore in _wake)
            semaphore.Dispose();
        foreach (var scratch in _scratch)
            scratch?.Dispose();
    }

    private byte* Scratch(int worker) => _scratch[worker] is { } buffer ? buffer.Bytes : null;

    private void Dispatch(Kernel kernel, int chunks)
    {
        var generation = ((_ticket >> 32) + 1) << 32;
        Volatile.Write(ref _ticket, generation | Closed);
        _kernel = kernel;
        _chunks = chunks;
        _done = 0;
        _failure = null;
        Interlocked.Exchange(ref _ticket, generation);
        for (var i = 0; i < _wake.Length; i++)
        {
            if (Interlocked.Exchange(ref _asleep[i], 0) == 1)
                _wake[i].Release();
        }

        Work(0);
        var spin = default(SpinWait);
        while (Volatile.Read(ref _done) < chunks)
            spin.SpinOnce(sleep1Threshold: -1);
        _kernel = null;
        _failure?.Throw();
    }

    /// <summary>Takes and runs chunks until none is left; false when there was none.</summary>
    private bool Work(int worker)
    {
        var worked = false;
        while (true)
        {
            var ticket = Volatile.Read(ref _ticket);
            var kernel = _kernel;
            var chunk = (int)(ticket & Closed);
            if (chunk >= Volatile.Read(ref _chunks) || kernel is null)
                return worked;
            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) != ticket)
                continue;
            worked = true;
            try
            {
                // Looked up only now: Reserve cannot change it while a job runs.
                kernel.Run(chunk, Scratch(worker));
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            Interlocked.Increment(ref _done);
        }
    }

    private void Serve(int index)
    {
        var idle = 0;
        while (!_stopping)
        {
            if (Work(index + 1))
            {
                idle = 0;
            }
            else if (++idle < SpinsBeforeSleep)
            {
                Thread.SpinWait(20);
            }
            else
            {
                Sleep(index);
                idle = 0;
            }
        }
    }

    private void Sleep(int index)
    {
        Interlocked.Exchange(ref _asleep[index], 1);
        // Work posted between the last look and the flag would otherwise be missed.
        if ((HasWork || _stopping) && Interlocked.Exchange(ref _asleep[index], 0) == 1)
            return;
        _wake[index].Wait();
    }

    private bool HasWork => (int)(Volatile.Read(ref _ticket) & Closed) < Volatile.Read(ref _chunks);
}
