// Starts Wagtail's widgets from data (foundation/ui/editor.py): no inline script is ever executed.
// Only these names are called, so markup that somebody smuggled in can start a widget, nothing else.
import { forgetAtSignOut } from "./lib/private.js";

const KNOWN = /^(init(Date|Time|DateTime)Chooser|createTaskChooser|InlinePanel|MultipleChooserPanel|[A-Z]\w*Chooser|Chooser)$/;

function start(data) {
  const name = data.dataset.gzInit;
  const make = window[name];
  delete data.dataset.gzInit;
  if (!KNOWN.test(name) || typeof make !== "function") return;
  let args = JSON.parse(data.textContent);
  // A panel's options arrive as JSON inside a JSON string, as Wagtail's template provides them.
  if (name.endsWith("Panel")) args = args.map((text) => JSON.parse(text));
  if (/^(init|create)/.test(name)) make(...args);
  else new make(...args);
}

function startAll(root) {
  root.querySelectorAll("script[data-gz-init]").forEach(start);
}

startAll(document);
forgetAtSignOut();
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) {
      if (node.nodeType !== Node.ELEMENT_NODE || !node.isConnected) continue;
      if (node.matches("script[data-gz-init]")) start(node);
      else startAll(node);
    }
  }
}).observe(document.documentElement, { childList: true, subtree: true });
