namespace Kindling.Cli.Configuration;

/// <summary>Everything wrong with a configuration, said at once.</summary>
internal sealed class ConfigurationException : KindlingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The configuration's path, as the user gave it.</param>
    /// <param name="faults">At least one fault.</param>
    public ConfigurationException(string file, IReadOnlyList<Fault> faults)
        : base(Describe(file, faults)) => Faults = faults;

    /// <summary>The faults, in the order of the file.</summary>
    public IReadOnlyList<Fault> Faults { get; }

    private static string Describe(string file, IReadOnlyList<Fault> faults)
    {
        var head = faults.Count == 1 ? $"{file} has a fault:" : $"{file} has {faults.Count} faults:";
        return string.Join('\n', faults.Select(f => $"  {f}").Prepend(head));
    }
}
