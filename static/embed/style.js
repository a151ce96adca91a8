// How <org-jobs> looks: in the host page's own font and colours, unless its custom properties say otherwise.
// A style sheet that a script constructs needs no permission of the host page's CSP.

const SHEET = `
  :host { display: block; font: var(--org-jobs-font, inherit); color: var(--org-jobs-ink, inherit); text-align: start;
    --line: var(--org-jobs-line, color-mix(in srgb, currentColor 18%, transparent));
    --edge: var(--org-jobs-edge, color-mix(in srgb, currentColor 55%, transparent));
    --soft: var(--org-jobs-soft, color-mix(in srgb, currentColor 76%, transparent));
    --accent: var(--org-jobs-accent, currentColor);
    --radius: var(--org-jobs-radius, 0.5rem); --gap: var(--org-jobs-gap, 0.75rem); }
  :host([hidden]) { display: none; }
  * { box-sizing: border-box; }
  .hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  [hidden] { display: none !important; }
  form { display: grid; gap: var(--gap); margin: 0 0 var(--gap); }
  form:not(:has(> :not([hidden]))) { display: none; }
  input, button, summary { font: inherit; color: inherit; }
  input[type="search"], button, summary { min-block-size: 2.5rem; padding: 0.375rem 0.75rem; border: 1px solid var(--edge);
    border-radius: var(--radius); background: transparent; }
  input[type="search"] { inline-size: 100%; appearance: none; }
  input::placeholder { color: var(--soft); opacity: 1; }
  button, summary { cursor: pointer; }
  :is(input, button, summary, a):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .filters { position: relative; display: flex; flex-wrap: wrap; gap: 0.5rem; }
  summary { display: flex; align-items: center; gap: 0.5rem; max-inline-size: 16rem; list-style: none; }
  summary::-webkit-details-marker { display: none; }
  summary span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  summary::after { content: ""; flex: none; inline-size: 0.4em; block-size: 0.4em; border: solid currentColor; border-width: 0 1.5px 1.5px 0;
    transform: translateY(-25%) rotate(45deg); }
  .set > summary { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
  fieldset { position: absolute; inset-block-start: calc(100% + 0.25rem); inset-inline-start: 0; z-index: 1; margin: 0; padding: 0.375rem;
    inline-size: min(22rem, 100%); max-block-size: 18rem; overflow: auto; border: 1px solid var(--line); border-radius: var(--radius);
    background: var(--org-jobs-ground, Canvas); color: var(--org-jobs-ink, CanvasText); box-shadow: 0 0.5rem 1.5rem rgb(0 0 0 / 0.18); }
  fieldset label { display: flex; align-items: baseline; gap: 0.625rem; padding: 0.4375rem 0.5rem; border-radius: calc(var(--radius) / 2); cursor: pointer; }
  fieldset label:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
  fieldset label span { flex: 1; overflow-wrap: anywhere; }
  fieldset input { flex: none; inline-size: 1rem; block-size: 1rem; margin: 0; accent-color: var(--org-jobs-accent, auto); align-self: center; }
  fieldset b { font-weight: normal; font-variant-numeric: tabular-nums; }
  .status { margin: 0 0 var(--gap); color: var(--soft); }
  .note { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem var(--gap); margin: 0 0 var(--gap); padding: 0.5rem 0.75rem;
    border: 1px solid var(--edge); border-radius: var(--radius); }
  .note p { flex: 1 1 14rem; margin: 0; }
  .heading { margin: 1.5rem 0 0.25rem; font-size: 1.125em; font-weight: 650; }
  .heading:first-child { margin-block-start: 0; }
  .heading small { font-weight: normal; color: var(--soft); }
  ul { margin: 0; padding: 0; list-style: none; }
  li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.125rem var(--gap); padding: 0.625rem 0; border-block-end: 1px solid var(--line); }
  li > div { flex: 1 1 16rem; min-inline-size: 0; overflow-wrap: anywhere; }
  li a { display: inline-block; padding-block: 0.125rem; color: var(--org-jobs-accent, inherit); font-weight: 550; }
  li p, time { margin: 0; color: var(--soft); font-size: 0.9375em; }
  .waiting li::before { content: ""; block-size: 2.5rem; inline-size: 60%; border-radius: var(--radius); background: var(--line); }
  .end { display: flex; flex-wrap: wrap; gap: var(--gap); margin-block-start: var(--gap); }
  [aria-busy="true"] .list:not(.waiting) { opacity: 0.7; }
  ::slotted(*) { overflow-wrap: anywhere; }
`;

/** One sheet for all elements of the page. */
const constructed = (() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  return sheet;
})();
