// htmx scrolls to nothing that it swaps into a cell: the modules of Manage jobs, and what matters now brought into view.

import "./editor.js";
import "./typing.js";
import "./panel.js";
import "./finder.js";
import "./live.js";
import "./keys.js";
import "./bulk.js";
import { one } from "./dom.js";

/** An answer may stand below the window's foot, or beyond the edge of a table that scrolls sideways: bring it into view. */
new MutationObserver((changes) => {
  const nodes = changes.flatMap((change) => (change.type === "attributes" ? [change.target] : [...change.addedNodes]));
  const forms = nodes.map((node) => node.closest?.("form.editor-form") ?? node.querySelector?.("form.editor-form"));
  forms.find((form) => form && one(".error:not([hidden])", form))?.scrollIntoView({ block: "nearest", inline: "nearest" });
}).observe(one("#content"), { childList: true, subtree: true, attributeFilter: ["hidden"] });

/** A browser is content with half a cell at the edge of a table that scrolls sideways. */
document.addEventListener("focusin", ({ target }) => {
  if (target.closest(".sideways")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
});
