// The keys, in one window.

import { Element, html } from "../core/element.js";
import { t } from "../core/i18n.js";

const KEYS = [
  ["J", "help.next"], ["K", "help.previous"], ["1 2 3", "help.assign"], ["N", "help.new"], ["/", "help.command"],
  ["Ctrl Z", "help.undo"], ["G", "help.gps"], ["Y", "help.proposalDo"], ["X", "help.proposalKeep"], ["T", "help.teams"], ["M", "help.fit"], ["C", "help.coverage"], ["U", "help.news"], ["Esc", "help.close"], ["?", "help.help"],
];

class Help extends Element {
  show() {
    const dialog = /** @type {HTMLDialogElement | null} */ (this.find("dialog"));
    if (dialog && !dialog.open) dialog.showModal();
  }

  render() {
    return html`<dialog class="help" aria-labelledby="help-title">
      <form method="dialog"><h2 id="help-title">${t("help.title")}</h2>
        <dl>${KEYS.map(([key, text]) => html`<div><dt>${(key ?? "").split(" ").map((part) => html`<kbd class="always">${part}</kbd> `)}</dt><dd>${t(text ?? "")}</dd></div>`)}</dl>
        <p>${t("help.commands")}</p><p>${t("help.single")}</p>
        <div class="buttons end"><button class="button primary" autofocus>${t("action.close")}</button></div></form>
    </dialog>`;
  }
}
customElements.define("br-help", Help);

export { Help };
