// The administrator's screen: sections on the left, the table of one of them on the right.

import { all, patch, post, remove } from "../core/api.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime, shortName } from "../core/format.js";
import { t } from "../core/i18n.js";
import { session, signOut } from "../core/session.js";
import "../parts/choices.js";
import { go } from "../core/routes.js";
import "./form.js";
import "./journal.js";
import "./reports.js";
import { SECTIONS, newTeam } from "./sections.js";
import "./table.js";

/** @typedef {import("./table.js").Row} Row */

const MENU = ["teams", "users", "cars", "stations", "hospitals", "reasons", "norms", "reports", "journal", "tokens", "sessions"];
const ADDABLE = ["teams", "users", "cars", "stations", "hospitals", "reasons", "tokens"];
const DEFAULTS = { users: { role: "worker", language: "ru", active: true }, cars: { class: "B", serviceability: "in_service" }, hospitals: { accepting: true, profiles: [] }, reasons: { criticality: "common" } };

class Admin extends Element {
  constructor() {
    super();
    /** @type {{row: Row | null, value: Row} | null} */
    this.form = null;
    /** @type {Row | null} */
    this.removing = null;
    this.note = "";
    this.noteKind = "done";
    this.secret = "";
  }

  connectedCallback() {
    super.connectedCallback();
    const route = () => {
      this.form = this.removing = null;
      this.note = this.secret = "";
      this.requestUpdate();
    };
    addEventListener("popstate", route);
    this.stops.push(() => removeEventListener("popstate", route));
  }

  get section() {
    const name = location.pathname.split("/")[3] ?? "teams";
    return MENU.includes(name) ? name : "teams";
  }

  /** @param {string} text @param {"done" | "problem"} [kind] */
  say(text, kind = "done") {
    this.note = text;
    this.noteKind = kind;
    this.requestUpdate();
  }

  /** @param {Row | null} row */
  async open(row) {
    const section = SECTIONS[this.section];
    if (!section) return;
    try {
      await section.prepare?.();
      const fresh = this.section === "teams" ? newTeam() : { ...DEFAULTS[/** @type {keyof typeof DEFAULTS} */ (this.section)] };
      this.form = { row, value: row ? (section.fromRow?.(row) ?? row) : fresh };
      this.note = this.secret = "";
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error), "problem");
    }
    this.requestUpdate();
  }

  /** @param {Row} value */
  async save(value) {
    const section = SECTIONS[this.section];
    const row = this.form?.row ?? null;
    if (!section) return;
    const body = section.toBody ? section.toBody(value, row) : value;
    if (row) await patch(`${section.path}/${row[section.id ?? "id"]}`, section.versioned === false ? body : { ...body, version: row.version });
    else {
      const answer = await post(section.path, body);
      if (answer?.token) this.secret = answer.token;
    }
  }

  done() {
    this.form = null;
    this.say(t("admin.saved"));
    this.reload();
  }

  reload() {
    void (/** @type {import("./table.js").Table | null} */ (this.find("br-table")))?.load();
  }

  async removeNow() {
    const section = SECTIONS[this.section];
    const row = this.removing;
    if (!section || !row) return;
    try {
      await remove(`${section.path}/${row[section.id ?? "id"]}${row.version && section.versioned !== false ? `?version=${row.version}` : ""}`);
      this.say(t("admin.removed", { name: section.name(row) }));
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error), "problem");
    }
    this.removing = null;
    this.reload();
  }

  /** The shift of a day ago, formed again from the same people and cars where they are free. */
  async copyYesterday() {
    try {
      const dayAgo = Date.now() - 24 * 3600_000;
      const ended = await all("/teams?ended=true", 400);
      const living = await all("/teams");
      const taken = new Set(living.map((team) => team.name));
      const old = ended.filter((team) => Math.abs(Date.parse(team.shift_start) - dayAgo) < 12 * 3600_000 && !taken.has(team.name));
      let formed = 0;
      const refused = [];
      for (const team of old) {
        try {
          await post("/teams", {
            name: team.name, profile: team.profile, car_id: team.car.id, station_id: team.station_id, member_ids: team.members.map((/** @type {Row} */ member) => member.id),
            shift_start: new Date(Date.parse(team.shift_start) + 24 * 3600_000).toISOString(), shift_end: new Date(Date.parse(team.shift_end) + 24 * 3600_000).toISOString(),
          });
          taken.add(team.name);
          formed += 1;
        } catch (error) {
          refused.push(`${team.name}: ${error instanceof Error ? error.message : error}`);
        }
      }
      this.say([t("admin.copied", { n: formed }), ...refused].join(" "), refused.length > 0 ? "problem" : "done");
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error), "problem");
    }
    this.reload();
  }

  /** @param {Row} row */
  actions(row) {
    const section = SECTIONS[this.section];
    if (!section || row.revoked_at) return nothing;
    return html`${section.editable === false ? nothing : html`<button type="button" class="quiet" aria-label="${t("action.edit")}: ${section.name(row)}" @click=${() => void this.open(row)}>${t("action.edit")}</button>`}
      ${section.removable ? html`<button type="button" class="quiet" aria-label="${t(section.removeWord ?? "action.delete")}: ${section.name(row)}" @click=${() => {
        this.removing = row;
        this.requestUpdate();
      }}>${t(section.removeWord ?? "action.delete")}</button>` : nothing}`;
  }

  table() {
    const name = this.section;
    const section = SECTIONS[name];
    if (name === "journal") return html`<br-journal></br-journal>`;
    if (name === "reports") return html`<br-reports></br-reports>`;
    if (!section) return nothing;
    return html`<br-table .path=${section.path} .name=${name} .columns=${section.columns} .follow=${section.follow} .actions=${section.editable === false && !section.removable ? null : (/** @type {Row} */ row) => this.actions(row)}></br-table>`;
  }

  confirm() {
    const section = SECTIONS[this.section];
    if (!this.removing || !section) return nothing;
    const word = t(section.removeWord ?? "action.delete");
    const question = t("admin.ask", { word, name: section.name(this.removing) });
    return html`<div class="confirm" role="alertdialog" aria-label=${question}><p>${question}</p><div class="buttons">
      <button type="button" class="button small safe" autofocus @click=${() => {
        this.removing = null;
        this.requestUpdate();
      }}>${t("action.keep")}</button><button type="button" class="button small danger" @click=${() => void this.removeNow()}>${word}</button></div></div>`;
  }

  link_(/** @type {string} */ name) {
    const here = this.section === name;
    return html`<a href="/console/admin/${name}" aria-current=${here ? "page" : "false"} @click=${(/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      go(`/console/admin/${name}`);
    }}>${t(`admin.${name}`)}</a>`;
  }

  render() {
    const name = this.section;
    const lost = this.store.link === "lost";
    return html`<div class="admin">
      <header class="topbar"><span class="who">${t("app.name")}</span><span class="counter">${shortName(session.me)}</span>
        <span class="link-state ${this.store.link}"><span aria-hidden="true">${this.store.link === "live" ? "●" : "✕"}</span> ${t(`link.${this.store.link}`)}</span><span class="spacer"></span>
        <a class="top-button link" href="/console/dispatcher">${t("menu.desk")}</a><a class="top-button link" href="/console/replay">${t("menu.replay")}</a>
        <button type="button" class="top-button" @click=${() => void signOut()}>${t("menu.signOut")}</button></header>
      ${lost ? html`<div class="link-banner" role="alert"><b>${t("link.banner")}</b><span>${t("link.dataAt", { time: clockTime(this.store.trueAt) })}</span></div>` : nothing}
      <div class="admin-body"><nav class="admin-menu" aria-label=${t("admin.menu")}>${MENU.map((item) => this.link_(item))}<br-choices></br-choices></nav>
        <main class="admin-main"><header class="admin-head"><h1>${t(`admin.${name}`)}</h1>
          ${name === "teams" ? html`<button type="button" class="button small" @click=${() => void this.copyYesterday()}>${t("admin.copyYesterday")}</button>` : nothing}
          ${ADDABLE.includes(name) ? html`<button type="button" class="button small primary" @click=${() => void this.open(null)}>${t(`admin.add.${name}`)}</button>` : nothing}</header>
          ${this.note ? html`<p class="note ${this.noteKind}" role=${this.noteKind === "problem" ? "alert" : "status"}>${this.note}</p>` : nothing}
          ${this.secret ? html`<p class="note" role="status">${t("token.once")} <code>${this.secret}</code></p>` : nothing}
          ${this.confirm()} ${this.table()}</main></div>
      ${this.form ? html`<br-form .title=${this.form.row ? SECTIONS[name]?.name(this.form.row) ?? "" : t(`admin.add.${name}`)} .fields=${SECTIONS[name]?.fields?.(this.form.row) ?? []} .value=${this.form.value} .save=${(/** @type {Row} */ value) => this.save(value)}
        @form-done=${() => this.done()} @form-closed=${() => {
          this.form = null;
          this.requestUpdate();
        }}></br-form>` : nothing}
    </div>`;
  }
}
customElements.define("br-admin", Admin);

