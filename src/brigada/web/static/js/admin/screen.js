// The administrator's screen: sections on the left, one of them on the right.

import { ApiProblem, newKey, patch, post, remove } from "../core/api.js";
import { serverNow } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime, shortName } from "../core/format.js";
import { t } from "../core/i18n.js";
import { go } from "../core/routes.js";
import { session, signOut } from "../core/session.js";
import "../parts/choices.js";
import "../parts/password.js";
import "./advice-settings.js";
import "./confirm.js";
import "./copy-shift.js";
import "./form.js";
import "./journal.js";
import "./key-once.js";
import "./norm-sets.js";
import "./notices.js";
import "./reports.js";
import { said } from "./said.js";
import { MENU, SECTIONS } from "./sections.js";
import "./table.js";
import "./whatif.js";

/** @typedef {import("./table.js").Row} Row */

const NAMES = MENU.flatMap(([, names]) => names);

class Admin extends Element {
  constructor() {
    super();
    /** @type {{row: Row | null, value: Row} | null} */
    this.form = null;
    /** What waits for its second step. @type {{question: string, note: string, word: string, run: () => Promise<void>} | null} */
    this.asked = null;
    /** @type {{token?: string, url?: string, name: string} | null} */
    this.key = null;
    /** @type {"" | "copy" | "password"} */
    this.window = "";
    this.createKey = newKey();
    this.note = "";
    this.noteKind = "done";
    this.prepared = "";
    this.opened = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    const route = () => {
      this.form = this.asked = this.key = null;
      this.note = this.window = "";
      void this.prepare();
    };
    addEventListener("popstate", route);
    this.stops.push(() => removeEventListener("popstate", route));
    void this.prepare();
  }

  get section() {
    const name = location.pathname.split("/")[3] ?? "teams";
    return NAMES.includes(name) ? name : "teams";
  }

  /** What the columns of a section need before they are drawn. */
  async prepare() {
    const name = this.section;
    await SECTIONS[name]?.prepare?.().catch(() => undefined);
    // The person may have gone on meanwhile; what another section needed is no news to this one.
    if (name === this.section) this.prepared = name;
    this.requestUpdate();
  }

  /** @param {string} text @param {"done" | "problem"} [kind] */
  say(text, kind = "done") {
    this.note = text;
    this.noteKind = kind;
    this.requestUpdate();
  }

  /** @param {Row | null} row */
  async open(row) {
    const name = this.section;
    const section = SECTIONS[name];
    if (!section) return;
    const opened = ++this.opened;
    // Pressed twice, it opens once: a second form would come over what was typed into the first by then.
    const stands = () => name === this.section && opened === this.opened;
    try {
      await section.prepare?.();
      if (!stands()) return;
      this.createKey = newKey();
      this.form = { row, value: row ? (section.fromRow?.(row) ?? row) : (section.fresh?.() ?? {}) };
      this.note = "";
    } catch (error) {
      if (!stands()) return;
      this.say(said(error), "problem");
    }
    this.requestUpdate();
  }

  /** The address of a section's list without its filters. @param {import("./sections/shared.js").Section} section */
  path(section) {
    return section.path.split("?")[0] ?? section.path;
  }

  /** @param {Row} value @param {number | undefined} version */
  async save(value, version) {
    const section = SECTIONS[this.section];
    const row = this.form?.row ?? null;
    if (!section) return;
    const body = section.toBody ? section.toBody(value, row) : value;
    if (row) await patch(`${this.path(section)}/${row[section.id ?? "id"]}`, section.versioned === false ? body : { ...body, version });
    else {
      const answer = await this.create(this.path(section), body);
      if (answer && "token" in answer) this.key = { token: answer.token, url: answer.url, name: section.name(answer) };
    }
  }

  /** One key until the server has answered: pressed again after a lost answer it makes no second one. @param {string} path @param {Row} body */
  async create(path, body) {
    try {
      return await post(path, body, { key: this.createKey });
    } catch (error) {
      if (error instanceof ApiProblem && error.status < 500) this.createKey = newKey();
      throw error;
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

  /** @param {Row} row */
  ask(row) {
    const section = SECTIONS[this.section];
    if (!section) return;
    this.askTo(section, row, section.removeWord ?? "action.delete", section.removeNote, async () => {
      await remove(`${this.path(section)}/${row[section.id ?? "id"]}${row.version && section.versioned !== false ? `?version=${row.version}` : ""}`);
      // The own session of this page: nothing more to see here.
      if (this.section === "sessions" && row.current) await signOut();
    });
  }

  /** The second step of something dangerous, with its object named. @param {import("./sections/shared.js").Section} section @param {Row} row @param {string} key @param {string | undefined} note @param {() => Promise<unknown>} work */
  askTo(section, row, key, note, work) {
    const word = t(key);
    const run = async () => {
      await work();
      this.say(t("admin.removed", { word, name: section.name(row) }));
      this.reload();
    };
    this.asked = { question: t("admin.ask", { word, name: section.name(row) }), note: note ? t(note) : "", word, run };
    this.requestUpdate();
  }

  /** Teams whose shift is over and that are on no call. */
  over() {
    const now = serverNow();
    return [...this.store.teams.values()].filter((team) => Date.parse(team.shift_end) <= now && !this.store.work.has(team.id));
  }

  askOver() {
    const teams = this.over();
    this.asked = {
      question: t("team.endOverAsk", { n: teams.length }),
      note: teams.map((team) => t("team.short", { name: team.name })).join(", "),
      word: t("team.end"),
      run: async () => {
        for (const team of teams) await remove(`/teams/${team.id}`);
        this.say(t("team.endedOver", { n: teams.length }));
        this.reload();
      },
    };
    this.requestUpdate();
  }

  /** @param {Row} row */
  actions(row) {
    const section = SECTIONS[this.section];
    if (!section) return nothing;
    const over = section.ended?.(row) === true;
    const { second } = section;
    return html`${section.editable === false ? nothing : html`<button type="button" class="quiet" aria-label="${t("action.edit")}: ${section.name(row)}" @click=${() => void this.open(row)}>${t("action.edit")}</button>`}
      ${second ? html`<button type="button" class="quiet" aria-label="${t(second.word)}: ${section.name(row)}" @click=${() => this.askTo(section, row, second.word, second.note, () => remove(second.path(row)))}>${t(second.word)}</button>` : nothing}
      ${section.removable && !over ? html`<button type="button" class="quiet" aria-label="${t(section.removeWord ?? "action.delete")}: ${section.name(row)}" @click=${() => this.ask(row)}>${t(section.removeWord ?? "action.delete")}</button>` : nothing}`;
  }

  /** What to do first, where a section is empty. @param {import("./sections/shared.js").Section} section */
  first(section) {
    const links = (section.needs ?? []).map((name) => html`<a class="button small" href="/console/admin/${name}" @click=${this.follow(name)}>${t(`admin.${name}`)}</a>`);
    return links.length > 0 ? html`<p>${t("admin.needs")}</p><p class="buttons">${links}</p>` : nothing;
  }

  content() {
    const name = this.section;
    const section = SECTIONS[name];
    switch (name) {
      case "journal":
        return html`<br-journal></br-journal>`;
      case "reports":
        return html`<br-reports></br-reports>`;
      case "whatif":
        return html`<br-whatif></br-whatif>`;
      case "advice":
        return html`<br-advice-settings></br-advice-settings>`;
      case "notices":
        return html`<br-admin-notices></br-admin-notices>`;
      default:
        break;
    }
    if (!section || this.prepared !== name) return html`<p class="pane-note muted" role="status">${t("state.loading")}</p>`;
    return html`${name === "norms" ? html`<br-norm-sets @norms-changed=${() => this.reload()}></br-norm-sets>` : nothing}
      <br-table .path=${section.path} .name=${name} .columns=${section.columns} .follow=${section.follow} .over=${section.ended ?? null} .empty=${this.first(section)}
        .actions=${section.editable === false && !section.removable ? null : (/** @type {Row} */ row) => this.actions(row)}></br-table>`;
  }

  /** @param {string} name */
  follow(name) {
    return (/** @type {MouseEvent} */ event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(`/console/admin/${name}`);
    };
  }

  /** @param {string} name */
  item(name) {
    const unread = name === "notices" && this.store.unread > 0 ? html` <span class="count">${this.store.unread}</span>` : nothing;
    return html`<a href="/console/admin/${name}" aria-current=${this.section === name ? "page" : "false"} @click=${this.follow(name)}>${t(`admin.${name}`)}${unread}</a>`;
  }

  head() {
    const name = this.section;
    const over = name === "teams" ? this.over().length : 0;
    const show = (/** @type {"copy" | "password"} */ window) => () => {
      this.window = window;
      this.requestUpdate();
    };
    return html`<header class="admin-head"><h1>${t(`admin.${name}`)}</h1>
      ${over > 0 ? html`<button type="button" class="button small" @click=${() => this.askOver()}>${t("team.endOver", { n: over })}</button>` : nothing}
      ${name === "teams" ? html`<button type="button" class="button small" @click=${show("copy")}>${t("admin.copyYesterday")}</button>` : nothing}
      ${name === "sessions" ? html`<button type="button" class="button small" @click=${show("password")}>${t("password.change")}</button>` : nothing}
      ${SECTIONS[name]?.addable ? html`<button type="button" class="button small primary" @click=${() => void this.open(null)}>${t(`admin.add.${name}`)}</button>` : nothing}</header>
      ${SECTIONS[name]?.note ? html`<p class="about">${t(SECTIONS[name]?.note ?? "")}</p>` : nothing}`;
  }

  windows() {
    const name = this.section;
    const section = SECTIONS[name];
    const close = () => {
      this.window = "";
      this.requestUpdate();
    };
    return html`${this.form && section ? html`<br-form .title=${this.form.row ? section.name(this.form.row) : t(`admin.add.${name}`)} .fields=${section.fields?.(this.form.row) ?? []} .initial=${this.form.value} .version=${this.form.row?.version}
        .conflicts=${section.conflicts ?? {}} .fromRow=${section.fromRow ?? ((/** @type {Row} */ row) => row)} .changed=${section.changed ?? null} .save=${(/** @type {Row} */ value, /** @type {number | undefined} */ version) => this.save(value, version)}
        @form-done=${() => this.done()} @form-closed=${() => {
          this.form = null;
          this.requestUpdate();
        }}></br-form>` : nothing}
      ${this.asked ? html`<br-confirm .question=${this.asked.question} .note=${this.asked.note} .word=${this.asked.word} .run=${this.asked.run} @confirm-closed=${() => {
        this.asked = null;
        this.requestUpdate();
      }}></br-confirm>` : nothing}
      ${this.key ? html`<br-key-once .name=${this.key.name} .secret=${this.key.token ?? ""} .url=${this.key.url ?? ""} @key-closed=${() => {
        this.key = null;
        this.requestUpdate();
      }}></br-key-once>` : nothing}
      ${this.window === "copy" ? html`<br-copy-shift @copy-closed=${() => {
        close();
        this.reload();
      }}></br-copy-shift>` : nothing}
      ${this.window === "password" ? html`<br-password-window @password-closed=${close}></br-password-window>` : nothing}`;
  }

  render() {
    const lost = this.store.link === "lost";
    return html`<div class="admin">
      <header class="topbar"><span class="who">${t("app.name")}</span><span class="counter">${shortName(session.me)}</span>
        <span class="link-state ${this.store.link}"><span aria-hidden="true">${this.store.link === "live" ? "●" : "✕"}</span> ${t(`link.${this.store.link}`)}</span><span class="spacer"></span>
        <a class="top-button link" href="/console/dispatcher">${t("menu.desk")}</a><a class="top-button link" href="/console/replay">${t("menu.replay")}</a>
        <button type="button" class="top-button" @click=${() => void signOut()}>${t("menu.signOut")}</button></header>
      ${lost ? html`<div class="link-banner" role="alert"><b>${t("link.banner")}</b><span>${t("link.dataAt", { time: clockTime(this.store.trueAt) })}</span></div>` : nothing}
      <div class="admin-body"><nav class="admin-menu" aria-label=${t("admin.menu")}>${MENU.map(
        ([group, names]) => html`<div class="menu-group" role="group" aria-label=${t(`menuGroup.${group}`)}><span class="section-title" aria-hidden="true">${t(`menuGroup.${group}`)}</span>${names.map((name) => this.item(name))}</div>`,
      )}<br-choices></br-choices></nav>
        <main class="admin-main">${this.head()}
          ${this.note ? html`<p class="note ${this.noteKind}" role=${this.noteKind === "problem" ? "alert" : "status"}>${this.note}</p>` : nothing}
          ${this.content()}</main></div>
      ${this.windows()}
    </div>`;
  }
}
customElements.define("br-admin", Admin);
