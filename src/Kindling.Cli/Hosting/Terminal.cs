using Spectre.Console;

namespace Kindling.Cli.Hosting;

/// <summary>Everything a verb says while it works; all of it goes to standard error.</summary>
internal sealed class Terminal
{
    private readonly TextWriter _error;
    private readonly IAnsiConsole? _live;

    /// <summary>Creates the terminal.</summary>
    /// <param name="error">Where messages go.</param>
    /// <param name="isInteractive">True draws bars that move; false prints lines.</param>
    public Terminal(TextWriter error, bool isInteractive)
    {
        _error = error;
        if (isInteractive)
            _live = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
    }

    /// <summary>Prints a line.</summary>
    public void Info(string message) => _error.WriteLine(message);

    /// <summary>Prints a line that wants attention.</summary>
    public void Warn(string message) => _error.WriteLine($"warning: {message}");

    /// <summary>Runs work that can say how far it is.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="total">How much there is to do.</param>
    /// <param name="work">The work.</param>
    public void Track(string title, double total, Action<IProgressTracker> work)
    {
        if (_live is null)
        {
            work(new LineTracker(_error, title, total));
            return;
        }

        _live.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new BarTracker(context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total)), title)));
    }

    private sealed class BarTracker(ProgressTask task, string title) : IProgressTracker
    {
        public void Report(double done, string? detail = null)
        {
            task.Description = Markup.Escape(detail is null ? title : $"{title}  {detail}");
            task.Value = done;
        }

        public void Milestone(string line)
        {
        }
    }

    /// <summary>Plain lines, at most one every few seconds.</summary>
    private sealed class LineTracker(TextWriter error, string title, double total) : IProgressTracker
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
        private readonly Lock _lock = new();
        private DateTime _next = DateTime.UtcNow + Interval;

        public void Report(double done, string? detail = null)
        {
            lock (_lock)
            {
                if (DateTime.UtcNow < _next)
                    return;
                _next = DateTime.UtcNow + Interval;
                error.WriteLine($"{title}: {done / Math.Max(1, total) * 100:F0} %{(detail is null ? "" : $"  {detail}")}");
            }
        }

        public void Milestone(string line)
        {
            lock (_lock)
            {
                _next = DateTime.UtcNow + Interval;
                error.WriteLine(line);
            }
        }
    }
}
