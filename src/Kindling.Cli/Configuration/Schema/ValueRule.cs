namespace Kindling.Cli.Configuration.Schema;

/// <summary>What a value may be: reads it, or says what is wrong with it.</summary>
internal abstract record ValueRule
{
    /// <summary>What is allowed, as errors and the guide print it.</summary>
    public abstract string Allowed { get; }

    /// <summary>Reads a value that is not null.</summary>
    /// <param name="node">The value as written.</param>
    /// <param name="path">Its dotted key.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <returns>The typed value, or null after a fault.</returns>
    public abstract object? Read(ConfigNode node, string path, List<Fault> faults);

    /// <summary>Adds "'x' is not …" and returns null.</summary>
    protected object? Reject(ConfigNode node, string path, List<Fault> faults)
    {
        faults.Add(new Fault(path, node.Origin, $"{Show(node)} is not {Allowed}"));
        return null;
    }

    /// <summary>A value as errors quote it.</summary>
    protected static string Show(ConfigNode node) => node switch
    {
        ConfigScalar scalar => $"'{scalar.Text}'",
        ConfigList list => $"a list of {list.Items.Count}",
        _ => "a section with keys",
    };

    /// <summary>The numbers of a tuple, however it was written: <c>(1, 2)</c>, <c>[1, 2]</c> or a YAML list.</summary>
    protected static IReadOnlyList<double>? Numbers(ConfigNode node)
    {
        if (node is ConfigScalar scalar)
            return ValueExpression.TryTuple(scalar.Text, out var tuple) ? tuple : null;
        if (node is not ConfigList list)
            return null;
        var values = new List<double>();
        foreach (var item in list.Items)
        {
            if (item is not ConfigScalar text || !ValueExpression.TryNumber(text.Text, out var value))
                return null;
            values.Add(value);
        }

        return values;
    }
}
