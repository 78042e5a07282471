/** The page around the report: one HTML file with its own style, for light and dark, paper and phone. */
import { html, Markup } from './html.ts'

/** A complete document that loads nothing. */
export function page(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`.toString()
}

const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f6f3; --surface: #ffffff; --band: #eeece7; --line: #dcd9d2;
  --ink: #22262b; --muted: #5c636c; --accent: #2a6592;
  --positive: #b8560f; --negative: #2a6592;
  --good: #1f6b42; --good-band: #e2f1e8; --bad: #a83232; --bad-band: #fae6e3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --surface: #1d2126; --band: #2a2f36; --line: #383e46;
    --ink: #e6e4df; --muted: #a3a9b1; --accent: #74b0de;
    --positive: #ee9a55; --negative: #74b0de;
    --good: #7fcfa0; --good-band: #1d3528; --bad: #f09a90; --bad-band: #402322;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main, header, footer { max-width: 1200px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 48px; }
h1 { margin: 0 0 8px; font-size: clamp(1.7rem, 4vw, 2.4rem); line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; text-wrap: balance; }
h2 { margin: 0 0 8px; font-size: 1.35rem; line-height: 1.3; font-weight: 640; letter-spacing: -0.01em; }
h3 { margin: 0 0 4px; font-size: 1rem; }
p { margin: 0 0 16px; max-width: 72ch; }
a { color: var(--accent); text-underline-offset: 2px; }
code, .net { font: 0.86em/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
.lead { color: var(--muted); font-size: 1.08rem; }
section { margin: 28px 0; padding: 28px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr)); gap: 12px; margin: 24px 0 0; padding: 0; }
.facts div { padding: 14px 18px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.facts dt { color: var(--muted); font-size: 0.86rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-weight: 620; font-variant-numeric: tabular-nums; }
.facts dd small { display: block; color: var(--muted); font-size: 0.82rem; font-weight: 400; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 20px 0 0; padding: 0; list-style: none; font-size: 0.92rem; }
.grid { display: grid; gap: 24px 20px; margin-top: 16px; }
.grid.four { grid-template-columns: repeat(auto-fill, minmax(min(100%, 248px), 1fr)); }
.grid.two { grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 24px 40px; }
.grid.three { grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); align-items: end; }
.grid.units { grid-template-columns: repeat(auto-fill, minmax(max(92px, 14%), 1fr)); gap: 10px 14px; margin-top: 4px; }
.grid.units figcaption { margin-bottom: 2px; color: var(--muted); font-size: 0.82rem; }
h3.layer { margin-top: 18px; }
.after { margin-top: 24px; }
.neuron svg { max-width: 560px; margin: 0 auto; }
figure { margin: 0; min-width: 0; }
figcaption { margin-bottom: 6px; font-size: 0.92rem; line-height: 1.4; }
figcaption span { display: block; color: var(--muted); }
figure svg { width: 100%; height: auto; display: block; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0; padding: 0; list-style: none; color: var(--muted); font-size: 0.88rem; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { width: 22px; height: 14px; flex: none; }
.ramp { width: 64px; height: 10px; border-radius: 3px; background: linear-gradient(to right, color-mix(in srgb, var(--negative) 48%, var(--surface)), var(--surface), color-mix(in srgb, var(--positive) 48%, var(--surface))); border: 1px solid var(--line); }
.stroke { width: 22px; height: 2px; background: var(--ink); }
.scroll { overflow-x: auto; container-type: inline-size; }
.note { margin: 14px 0 0; color: var(--muted); font-size: 0.9rem; max-width: 80ch; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; }
tbody th { font-weight: 500; text-align: left; }
thead th:first-child, .text { text-align: left; }
.text { padding-left: 16px; }
td.text { white-space: normal; min-width: 26ch; }
tbody th, thead th:first-child { position: sticky; left: 0; background: var(--surface); }
tbody tr:last-child th, tbody tr:last-child td { border-bottom: 0; }
.ledger th i { font-family: Georgia, 'Times New Roman', serif; font-size: 1.08em; }
.ledger sup { font-size: 0.72em; color: var(--muted); }
tr.differs th, tr.differs td { background: var(--bad-band); }
tr.hint td { text-align: left; white-space: normal; color: var(--bad); background: var(--bad-band); padding: 0 12px 10px; font-size: 0.86rem; }
tr.hint span { display: inline-block; position: sticky; left: 12px; max-width: calc(100cqi - 24px); }
tr.differs .badge { color: var(--surface); background: var(--bad); }
tr.differs th { padding-left: 12px; } tr.differs td:last-child { padding-right: 12px; }
tr.differs:has(+ .hint) th, tr.differs:has(+ .hint) td { border-bottom: 0; }
.number { white-space: nowrap; }
.badge { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: 0.82rem; font-weight: 560; white-space: nowrap; }
.good { color: var(--good); background: var(--good-band); }
.bad { color: var(--bad); background: var(--bad-band); }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 14px; padding: 12px 4px; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: '▸'; color: var(--muted); transition: transform 0.15s; }
details[open] summary::before { transform: rotate(90deg); }
summary .net { color: var(--muted); }
summary .result { margin-left: auto; color: var(--muted); font-size: 0.88rem; }
details .scroll { padding: 0 0 16px; }
.digits { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 16px; margin: 0; padding: 0; list-style: none; font-size: 0.85rem; color: var(--muted); }
.digits svg { width: 72px; height: 72px; border-radius: 6px; display: block; margin-bottom: 4px; }
.graph svg { width: 100%; min-width: 900px; height: auto; }
.graph figcaption { margin: 12px 0 0; color: var(--muted); max-width: 72ch; }
.graph text { fill: var(--ink); font-family: inherit; }
.graph .node polygon, .graph .node ellipse, .graph .node path { stroke: var(--muted); fill: var(--surface); }
.graph .node [fill='#dbeafe'] { fill: color-mix(in srgb, var(--accent) 22%, var(--surface)); stroke: var(--accent); }
.graph .edge path { stroke: var(--muted); }
.graph .edge polygon { stroke: var(--muted); fill: var(--muted); }
.sources dt { font-weight: 600; }
.sources dd { margin: 0 0 12px; max-width: 80ch; }
footer { padding-top: 8px; padding-bottom: 48px; color: var(--muted); font-size: 0.9rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 640px) {
  main, header, footer { padding-left: 14px; padding-right: 14px; }
  header { padding-top: 28px; }
  section { padding: 20px 16px; margin: 18px 0; }
  summary .result { margin-left: 0; width: 100%; padding-left: 22px; }
}
@media print {
  body { background: none; }
  section { break-inside: avoid; border: 0; padding: 0; }
}
`
