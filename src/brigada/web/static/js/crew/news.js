// What the crew must be told and has not read yet: a refused tap, a call that was taken away or changed. Kept on the
// phone like the taps, because the reload of a page must not hide it. It names no patient and no address.

import { html, nothing } from "../core/element.js";
import { clockTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { append, listed, replace, strike } from "./device.js";

/**
 * @typedef {{what: string, step: string, at: string}} Lost
 * @typedef {{order: number, kind: "refused" | "ended" | "changed" | "unsent", at: string, number: number, assignmentId?: number, status?: string, comment?: string,
 *   problem?: string, lost?: Lost[], fields?: string[]}} Item
 */

const ENDINGS = ["cancelled", "completed", "declined", "diverted", "troubled"];

export class News {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Item[]} */
    this.items = [];
  }

  async load() {
    this.items = await listed("news");
    this.changed();
  }

  /** @param {Omit<Item, "order">} item */
  async add(item) {
    const whole = await append("news", item);
    this.items = [...this.items, whole];
    this.changed();
  }

  /** The same item with more to say, in its place: never beside it. @param {Item} item @param {Partial<Item>} more */
  async amend(item, more) {
    const whole = { ...item, ...more };
    this.items = this.items.map((other) => (other === item ? whole : other));
    this.changed();
    await replace("news", whole);
  }

  /** @param {Item} item */
  async read(item) {
    this.items = this.items.filter((other) => other !== item);
    this.changed();
    await strike("news", [item.order]);
  }

  /** @param {Item} item */
  heading(item) {
    const call = t("call.number", { number: item.number });
    if (item.kind === "refused") return t("news.refused", { what: (item.lost ?? []).map(lostWord).join(", ") });
    if (item.kind === "changed") return t("news.changed", { call, fields: (item.fields ?? []).map((name) => t(`news.field.${name}`)).join(", ") });
    if (item.kind === "unsent") return t("news.unsent");
    return t(`news.ended.${ENDINGS.includes(item.status ?? "") ? item.status : "away"}`, { call });
  }

  /** @param {Item} item */
  row(item) {
    const lost = item.kind === "refused" ? [] : (item.lost ?? []);
    return html`<section class="crew-news ${item.kind}" role="alert"><b>${this.heading(item)}</b>
      ${item.comment ? html`<p>${item.comment}</p>` : nothing}
      ${item.problem ? html`<p>${item.problem}</p>` : nothing}
      ${lost.length > 0 ? html`<p>${t("news.lost")} ${lost.map((tap) => `${lostWord(tap)} ${clockTime(tap.at)}`).join(", ")}.</p>` : nothing}
      <button type="button" class="button" @click=${() => void this.read(item)}>${t("action.understood")}</button></section>`;
  }

  render() {
    return html`${this.items.map((item) => this.row(item))}`;
  }
}

/** @param {Lost} tap */
const lostWord = (tap) => (tap.step && tap.what === "step" ? t(`do.${tap.step}`) : t(`crew.${tap.what}`));
