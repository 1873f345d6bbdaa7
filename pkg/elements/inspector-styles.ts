/** How the inspector looks, beside what all elements share. */
export const INSPECTOR_STYLES = `
:host { display: grid; gap: 0.75rem; font-size: 0.875rem; }
[part="toolbar"] { display: flex; flex-wrap: wrap; gap: 0.5rem; }
[part="toolbar"] select { flex: 1 1 12rem; width: auto; min-width: 0; }
textarea { font: 0.8125rem/1.4 var(--mono); }
[part="timeline"] > li {
  display: grid;
  grid-template-columns: 4.5rem 6.5rem minmax(0, 1fr);
  gap: 0.25rem 0.75rem;
  padding: 0.5rem 0;
  border-top: 1px solid var(--line);
}
.time { color: var(--quiet); text-align: end; font-variant-numeric: tabular-nums; }
.content { display: grid; gap: 0.375rem; min-width: 0; }
strong { font-weight: 600; }
code, pre { font: 0.8125rem/1.5 var(--mono); }
pre { max-height: 12rem; overflow: auto; white-space: pre-wrap; }
[part="ranking"] { display: grid; gap: 0.25rem; }
[part="ranking"] li { display: grid; grid-template-columns: minmax(0, 14rem) minmax(2rem, 8rem) 4.5rem; gap: 0.75rem; align-items: center; }
.share { height: 0.5rem; border-radius: 0.25rem; background: var(--tint); overflow: hidden; }
.share::before { content: ""; display: block; height: 100%; width: calc(100% * var(--share)); background: var(--accent); }
[part="tokens"] { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem; font: 0.8125rem/1.5 var(--mono); }
.forced { color: var(--quiet); white-space: pre; }
.token { min-width: 2.75rem; padding: 0.25rem 0.5rem; font: inherit; }
.token[aria-pressed="true"] { border-color: var(--accent); background: var(--tint); }
@media (max-width: 30rem) {
  [part="timeline"] > li { grid-template-columns: auto 1fr; }
  .time { text-align: start; }
  .content { grid-column: 1 / -1; }
}
@media (forced-colors: active) {
  .share { border: 1px solid; }
  .share::before { background: Highlight; forced-color-adjust: none; }
  .token[aria-pressed="true"] { outline: 2px solid Highlight; }
}
`;
