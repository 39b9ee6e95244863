// The line at the foot: what was just done (with its undo) and the command line.

import { everySecond, serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { callNumber, duration } from "../core/format.js";
import { t } from "../core/i18n.js";
import { desk } from "./desk.js";
import { understand } from "./command-words.js";

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
    const left = this.find(".undo-left");
    const undo = desk.toast?.undo;
    if (left && undo) left.textContent = duration(Math.ceil((undo.until - serverNow()) / 1000));
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
    this.clear();
    switch (choice.kind) {
      case "assign":
        void desk.assign(choice.callId, choice.teamId, choice.additional);
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

  toast() {
    const toast = desk.toast;
    if (!toast) return html`<span class="muted foot-hint">${t("foot.hint")}</span>`;
    return html`<span class="toast ${toast.kind}">${toast.text}
      ${toast.undo
        ? html`<button type="button" class="button small" ?disabled=${desk.busy} @click=${() => void desk.undo()}>${t("undo.do")} <span class="undo-left"></span> <kbd>Ctrl Z</kbd></button>`
        : html`<button type="button" class="quiet" aria-label=${t("action.close")} @click=${() => desk.say(null)}>✕</button>`}</span>`;
  }

  render() {
    const choices = this.open && this.text ? this.choices : [];
    return html`<footer class="foot">
      <div class="foot-toast" role=${desk.toast?.kind === "problem" ? "alert" : "status"}>${this.toast()}</div>
      <div class="command-line">
        ${choices.length > 0
          ? html`<ul class="suggestions up" id="commands" role="listbox" aria-label=${t("command.label")}>${choices.map(
              (choice, index) => html`<li role="option" id="commands-${index}" aria-selected=${index === this.at ? "true" : "false"}
                @pointerdown=${(/** @type {Event} */ event) => {
                  event.preventDefault();
                  this.run(choice);
                }}>${this.face(choice)}</li>`,
            )}</ul>`
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
