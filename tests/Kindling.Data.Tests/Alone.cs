namespace Kindling.Data.Tests;

/// <summary>Tests that must not share the process with others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
