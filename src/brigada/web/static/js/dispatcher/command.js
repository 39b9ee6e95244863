// The line at the foot: what was just done (with its undo) and the command line.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { isTyping } from "../core/keys.js";
import { prefs } from "../core/prefs.js";
import { suggestionList } from "../parts/suggestions.js";
import { understand } from "./command-words.js";
import { desk } from "./desk.js";

class Command extends Element {
  constructor() {
    super();
    this.text = "";
    this.at = 0;
    this.open = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(desk.subscribe(() => this.requestUpdate()));
    this.stops.push(everySecond(() => this.tick()));
  }

  focusLine() {
    this.find("input")?.focus();
  }

  tick() {
    for (const element of this.querySelectorAll("[data-until]")) {
      element.textContent = duration(Math.ceil((Number(element.getAttribute("data-until")) - serverNow()) / 1000));
    }
  }

  updated() {
    this.tick();
  }

  get choices() {
    return understand(this.text, this.store).slice(0, 7);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const choices = this.choices;
    if (event.code === "ArrowUp" || event.code === "ArrowDown") {
      event.preventDefault();
      const step = event.code === "ArrowDown" ? 1 : -1;
      this.at = choices.length === 0 ? 0 : (this.at + step + choices.length) % choices.length;
    } else if (event.code === "Enter" || event.code === "NumpadEnter") {
      event.preventDefault();
      this.run(choices[Math.min(this.at, choices.length - 1)]);
    } else if (event.code === "Escape") {
      event.stopPropagation();
      this.clear();
    }
    this.requestUpdate();
  }

  clear() {
    this.text = "";
    this.open = false;
    this.at = 0;
    const input = /** @type {HTMLInputElement | null} */ (this.find("input"));
    if (input) {
      input.value = "";
      input.blur();
    }
    this.requestUpdate();
  }

  /** @param {import("./command-words.js").Choice | undefined} choice */
  run(choice) {
    if (!choice) {
      if (this.text) desk.say({ kind: "problem", text: t("command.unknown", { text: this.text }) });
      return;
    }
    const said = this.text;
    this.clear();
    switch (choice.kind) {
      case "assign":
        void this.assign(choice, said);
        break;
      case "call":
        desk.openCall(choice.callId);
        break;
      case "team":
        desk.openTeam(choice.teamId);
        break;
      case "new":
        desk.open("new");
        break;
      default:
        break;
    }
  }

  /**
   * What could not be done stands in the line again: nobody types it twice because the link was away for a moment.
   * @param {Extract<import("./command-words.js").Choice, {kind: "assign"}>} choice @param {string} said
   */
  async assign(choice, said) {
    if (await desk.assign(choice.callId, choice.teamId, choice.additional)) return;
    const input = /** @type {HTMLInputElement | null} */ (this.find("input"));
    if (!input || this.text) return;
    this.text = said;
    input.value = said;
    // Somebody who types elsewhere by now goes on typing there.
    if (!isTyping(document.activeElement)) input.focus();
    this.requestUpdate();
  }

  /** @param {import("./command-words.js").Choice} choice */
  face(choice) {
    const call = "callId" in choice ? this.store.calls.get(choice.callId) : undefined;
    const team = "teamId" in choice ? this.store.teams.get(choice.teamId) : undefined;
    switch (choice.kind) {
      case "assign":
        return html`<b>${t("command.assign", { team: team?.name, call: call ? callNumber(call) : "" })}</b> <small>${call?.address}</small>`;
      case "call":
        return html`<b>${call ? callNumber(call) : ""}</b> ${call ? this.store.reasonOf(call) : ""} <small>${call?.address}</small>`;
      case "team":
        return html`<b>${t("team.short", { name: team?.name })}</b> <small>${t(`teamState.${this.store.teamState(choice.teamId)}`)}</small>`;
      default:
        return html`<b>${t("action.newCall")}</b>`;
    }
  }

  /** @param {import("./desk.js").Undoable} item @param {boolean} last */
  undo(item, last) {
    return html`<span class="toast done"><span>${item.text}</span>
      <button type="button" class="button small" ?disabled=${desk.busy || !desk.canCommand} @click=${() => void desk.undo(item)}>${t("undo.do")} <span class="undo-left" data-until=${item.until}></span>${last ? html` <kbd class="always">Ctrl Z</kbd>` : nothing}</button></span>`;
  }

  toast() {
    const { toast, undoable } = desk;
    if (!toast && undoable.length === 0) return html`<span class="muted foot-hint">${t(prefs.singleKeys ? "foot.hint" : "foot.hintNoKeys")}</span>`;
    return html`${undoable.map((item, index) => this.undo(item, index === undoable.length - 1))}
      ${toast ? html`<span class="toast ${toast.kind}"><span>${toast.kind === "problem" ? "⚠ " : ""}${toast.text}</span><button type="button" class="quiet" aria-label=${t("action.close")} @click=${() => desk.say(null)}>✕</button></span>` : nothing}`;
  }

  render() {
    const choices = this.open && this.text ? this.choices : [];
    return html`<footer class="foot">
      <div class="foot-toast" role=${desk.toast?.kind === "problem" ? "alert" : "status"}>${this.toast()}</div>
      <div class="command-line">
        ${choices.length > 0
          ? suggestionList({ id: "commands", label: t("command.label"), items: choices, at: this.at, face: (choice) => this.face(choice), choose: (choice) => this.run(choice), up: true })
          : nothing}
        <kbd aria-hidden="true">/</kbd>
        <input role="combobox" aria-label=${t("command.label")} aria-expanded=${choices.length > 0 ? "true" : "false"} aria-controls="commands" autocomplete="off" spellcheck="false"
          aria-activedescendant=${choices.length > 0 ? `commands-${this.at}` : nothing}
          placeholder=${t("command.placeholder")}
          @input=${(/** @type {InputEvent} */ event) => {
            this.text = /** @type {HTMLInputElement} */ (event.target).value;
            this.open = true;
            this.at = 0;
            this.requestUpdate();
          }}
          @keydown=${this.key}
          @blur=${() => {
            this.open = false;
            this.requestUpdate();
          }} />
      </div>
    </footer>`;
  }
}
customElements.define("br-command", Command);

export { Command };
