namespace Kindling.Reports.Cards;

/// <summary>A part of a card, the same in every format. In texts and cells, what stands between backticks is code.</summary>
internal abstract record CardBlock;

/// <summary>A paragraph.</summary>
internal sealed record ProseBlock(string Text) : CardBlock;

/// <summary>Lines one types.</summary>
internal sealed record CommandBlock(IReadOnlyList<string> Lines) : CardBlock;

/// <summary>A table; columns whose heading begins with # are numbers.</summary>
internal sealed record TableBlock(IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows) : CardBlock;

/// <summary>A heading and what is below it.</summary>
/// <param name="Id">What it is linked to by.</param>
/// <param name="Heading">The heading.</param>
/// <param name="Blocks">The parts; null ones are left out.</param>
internal sealed record CardSection(string Id, string Heading, IReadOnlyList<CardBlock?> Blocks);
