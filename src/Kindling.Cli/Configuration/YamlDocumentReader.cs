using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Kindling.Cli.Configuration;

/// <summary>Reads a YAML document into nodes that remember their lines.</summary>
internal static class YamlDocumentReader
{
    /// <summary>Reads one document whose top is a mapping.</summary>
    /// <param name="yaml">The document.</param>
    /// <param name="faults">Receives syntax errors.</param>
    public static ConfigMap Read(string yaml, List<Fault> faults)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            faults.Add(new Fault("", new Origin((int)e.Start.Line), $"not valid YAML: {(e.InnerException ?? e).Message}"));
            return new ConfigMap([], Origin.WholeFile);
        }

        if (stream.Documents.Count == 0)
            return new ConfigMap([], Origin.WholeFile);
        if (stream.Documents.Count > 1)
            faults.Add(new Fault("", new Origin((int)stream.Documents[1].RootNode.Start.Line), "a second YAML document begins here; one is allowed"));
        if (Convert(stream.Documents[0].RootNode, new HashSet<YamlNode>(ReferenceEqualityComparer.Instance)) is ConfigMap map)
            return map;
        faults.Add(new Fault("", new Origin(1), "sections with keys are expected, such as 'dataset:' with 'training_path: …' below it"));
        return new ConfigMap([], Origin.WholeFile);
    }

    /// <summary>Reads a value as an argument writes it: <c>[a, b]</c> and <c>{a: 1}</c> are YAML, everything else is one scalar.</summary>
    public static ConfigNode? ReadValue(string text, Origin origin)
    {
        if (text.Length == 0 || text[0] is not ('[' or '{'))
            return new ConfigScalar(text, false, origin);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 ? At(Convert(stream.Documents[0].RootNode, new HashSet<YamlNode>(ReferenceEqualityComparer.Instance)), origin) : null;
        }
        catch (YamlException)
        {
            return null;
        }
    }

    private static ConfigNode Convert(YamlNode node, HashSet<YamlNode> parents)
    {
        var origin = new Origin((int)node.Start.Line);
        // An alias to a node it is part of would never end.
        if (!parents.Add(node))
            return new ConfigScalar("", false, origin);
        ConfigNode result = node switch
        {
            YamlMappingNode map => new ConfigMap(
                [.. map.Children.Select(c => new ConfigEntry(
                    (c.Key as YamlScalarNode)?.Value ?? "?", new Origin((int)c.Key.Start.Line), Convert(c.Value, parents)))], origin),
            YamlSequenceNode list => new ConfigList([.. list.Children.Select(c => Convert(c, parents))], origin),
            YamlScalarNode scalar => new ConfigScalar(scalar.Value ?? "", scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted, origin),
            _ => new ConfigScalar("", false, origin),
        };
        parents.Remove(node);
        return result;
    }

    private static ConfigNode At(ConfigNode node, Origin origin) => node switch
    {
        ConfigMap map => new ConfigMap([.. map.Entries.Select(e => new ConfigEntry(e.Key, origin, At(e.Value, origin)))], origin),
        ConfigList list => new ConfigList([.. list.Items.Select(i => At(i, origin))], origin),
        _ => node with { Origin = origin },
    };
}
