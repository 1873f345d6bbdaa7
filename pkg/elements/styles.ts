/** How the elements look. A page changes it by the custom properties at the top, or by parts. */

export const THEME = `
:host {
  --accent: var(--toolgen-accent, light-dark(#4047b8, #a3aaff));
  --on-accent: var(--toolgen-on-accent, light-dark(#fff, #15161a));
  --text: var(--toolgen-text, light-dark(#1d1e22, #ececf0));
  --quiet: var(--toolgen-quiet, light-dark(#5d5f69, #a9acb8));
  --surface: var(--toolgen-surface, light-dark(#fff, #1e2026));
  --tint: var(--toolgen-tint, light-dark(#eceefd, #2a2d4a));
  --line: var(--toolgen-line, light-dark(#e0dfd8, #32353e));
  --edge: var(--toolgen-edge, light-dark(#8a8b86, #747783));
  --alarm: var(--toolgen-alarm, light-dark(#a32020, #ff9d94));
  --radius: var(--toolgen-radius, 0.625rem);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace;
  display: block;
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
p, dl, dd, ol, ul, h3, pre { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h3 { font-size: 1rem; }
.quiet, small, dt { color: var(--quiet); }
.quiet:empty, .problem:empty { display: none; }
.problem { color: var(--alarm); }
input, select, textarea, button {
  min-height: 2.75rem;
  border: 1px solid var(--edge);
  border-radius: var(--radius);
  background: var(--surface);
  color: inherit;
  font: inherit;
}
input, select, textarea { width: 100%; padding: 0.5rem 0.875rem; }
::placeholder { color: var(--quiet); opacity: 1; }
button { padding: 0.5rem 1rem; cursor: pointer; }
button:disabled { opacity: 0.55; cursor: default; }
button:hover:enabled { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[part~="primary"] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
summary { display: flex; align-items: center; min-height: 2.75rem; cursor: pointer; color: var(--quiet); font-size: 0.875rem; }
summary::before { content: "▸"; margin-inline-end: 0.375rem; }
[open] > summary::before { content: "▾"; }
`;

export const ASK_STYLES = `
:host { display: grid; gap: 1.25rem; }
[part="turns"] { display: grid; gap: 1.25rem; }
[part="turns"]:empty { display: none; }
[part="turn"] { display: grid; gap: 0.5rem; }
[part="question"] {
  justify-self: end;
  max-width: 85%;
  padding: 0.5rem 0.875rem;
  border-radius: var(--radius);
  background: var(--tint);
}
[part="answer"] { display: grid; gap: 0.75rem; white-space: pre-line; }
[part="prompt"] {
  display: grid;
  gap: 0.75rem;
  padding: 1rem;
  border: 1px solid var(--accent);
  border-radius: var(--radius);
  background: var(--surface);
  white-space: normal;
}
[part="prompt"] dd { white-space: pre-wrap; }
[part="prompt"]:focus { outline: none; box-shadow: 0 0 0 1px var(--accent); }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.25rem 1rem; font-size: 0.9375rem; }
.actions, .row { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.row { flex-wrap: nowrap; }
.row button { flex: none; }
label { display: grid; gap: 0.375rem; font-weight: 600; font-size: 0.9375rem; }
label small, label input, label select { font-weight: 400; }
[part="form"] { display: grid; gap: 0.375rem; }
progress { width: 100%; accent-color: var(--accent); }
@media (forced-colors: active) { [part="question"] { border: 1px solid; } }
`;
