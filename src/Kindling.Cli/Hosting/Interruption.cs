using System.Runtime.InteropServices;

namespace Kindling.Cli.Hosting;

/// <summary>Turns Ctrl-C and termination signals into a cancellation; a second Ctrl-C ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins to listen.</summary>
    /// <param name="error">Where the user is told that it takes a moment.</param>
    public Interruption(TextWriter error)
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            if (_source.IsCancellationRequested)
                return;
            context.Cancel = true;
            error.WriteLine("stopping; press Ctrl-C again to end at once");
            _source.Cancel();
        }))];
    }

    /// <summary>Set when the user interrupts.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }
}
