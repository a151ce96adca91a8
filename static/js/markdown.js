// What a browser loses of what is pasted: a document's formatting, and the rows of a spreadsheet.

/** The text goes in at once, so that nothing is lost, and gives way to its Markdown when that has come. */
document.addEventListener("paste", async (event) => {
  const area = event.target.closest?.("textarea[data-markdown]");
  const [html, text] = ["text/html", "text/plain"].map((kind) => event.clipboardData.getData(kind));
  if (!area || !html.trim()) return;
  event.preventDefault();
  const start = area.selectionStart;
  write(area, text);
  const pasted = area.value.slice(start, area.selectionStart); // with the line ends of a textarea
  const markdown = await markdownOf(area, html);
  if (!markdown || markdown === pasted || !area.isConnected || area.value.slice(start, start + pasted.length) !== pasted) return;
  const caret = area.selectionStart === start + pasted.length ? null : area.selectionStart;
  area.setSelectionRange(start, start + pasted.length);
  write(area, markdown);
  if (caret !== null) area.setSelectionRange(...Array(2).fill(caret > start ? caret + markdown.length - pasted.length : caret));
});

/** A line keeps no line ends: cells of a spreadsheet become a list with commas. */
document.addEventListener("paste", (event) => {
  const input = event.target.closest?.("input[data-several]");
  const cells = event.clipboardData.getData("text/plain").split(/[\r\n\t]+/).filter((cell) => cell.trim());
  if (!input || cells.length < 2) return;
  event.preventDefault();
  write(input, cells.join(", "));
});

/** Typing by script: only this old command can be taken back with the keys for it. */
export function write(area, text) {
  if (document.activeElement === area && document.execCommand(text ? "insertText" : "delete", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function markdownOf(area, html) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  const answer = await fetch(area.dataset.markdown, { method: "POST", headers, body: new URLSearchParams({ html }) }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer.text() : "";
}
