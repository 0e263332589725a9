namespace Kindling.Reports.Pages;

/// <summary>The look of the page.</summary>
internal static class Style
{
    /// <summary>Without child selectors and ampersands, which XML would escape.</summary>
    public const string Css = """
        :root { --ink: #1f2933; --muted: #697586; --line: #e4e7eb; --paper: #ffffff; --back: #f6f7f9; --accent: #0b6bcb; --ember: #e0582b; --good: #1a8f5a; --bad: #c93e2b; }
        * { box-sizing: border-box; }
        html { scroll-behavior: smooth; }
        body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
        header { background: var(--paper); border-bottom: 1px solid var(--line); border-top: 4px solid var(--ember); }
        .wide { max-width: 1040px; margin: 0 auto; padding: 0 28px; }
        header .wide { padding-top: 26px; padding-bottom: 14px; }
        .brand { color: var(--ember); font-weight: 600; letter-spacing: .04em; font-size: 13px; text-transform: uppercase; }
        h1 { font-size: 30px; line-height: 1.2; margin: 4px 0 4px; font-weight: 650; }
        .subtitle { color: var(--muted); margin: 0; }
        nav { margin-top: 16px; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; }
        nav a { color: var(--accent); text-decoration: none; }
        nav a:hover { text-decoration: underline; }
        section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 20px 24px 22px; margin: 18px 0; }
        h2 { font-size: 19px; margin: 0 0 12px; font-weight: 600; }
        h3 { font-size: 15px; margin: 18px 0 8px; font-weight: 600; }
        p { margin: 8px 0; max-width: 96ch; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 12px; margin: 18px 0; }
        .card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
        .card .name { color: var(--muted); font-size: 13px; }
        .card .value { font-size: 25px; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .card .note { color: var(--muted); font-size: 12.5px; line-height: 1.35; }
        .card.good .value { color: var(--good); }
        .card.bad .value { color: var(--bad); }
        .card.none .value { color: var(--muted); font-weight: 400; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(400px, 1fr)); gap: 18px 28px; align-items: start; }
        svg { display: block; max-width: 100%; height: auto; }
        .scroll { overflow-x: auto; margin: 12px 0; }
        table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
        th { text-align: left; font-weight: 600; color: var(--muted); border-bottom: 1px solid #cbd2d9; padding: 6px 10px 6px 0; white-space: nowrap; }
        td { border-bottom: 1px solid var(--line); padding: 5px 10px 5px 0; vertical-align: top; }
        tbody tr:hover { background: #f3f7fc; }
        .n { text-align: right; white-space: nowrap; }
        .missing { color: var(--muted); background: var(--back); border-left: 3px solid #cbd2d9; padding: 9px 14px; border-radius: 0 6px 6px 0; max-width: none; }
        .photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 14px; }
        figure { margin: 0; }
        figure img { width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--back); border-radius: 8px; border: 1px solid var(--line); image-rendering: auto; }
        figcaption { font-size: 12.5px; line-height: 1.4; margin-top: 5px; overflow-wrap: anywhere; }
        .wrong { color: var(--bad); font-weight: 600; }
        .right { color: var(--good); font-weight: 600; }
        .small { color: var(--muted); font-size: 12px; }
        code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
        pre { background: var(--back); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; overflow-x: auto; margin: 8px 0; }
        details { margin-top: 14px; }
        summary { cursor: pointer; color: var(--accent); }
        .facts th { width: 190px; border-bottom: 1px solid var(--line); }
        footer { color: var(--muted); font-size: 13px; padding: 6px 0 36px; }
        @media print { body { background: white; } section, .card { break-inside: avoid; } nav { display: none; } }
        """;
}
