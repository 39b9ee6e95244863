// Says that the link is lost, for how long, and for which moment the picture is true.

import { everySecond } from "../core/clock.js";
import { Element, html, nothing } from "../core/element.js";
import { clockTime, duration } from "../core/format.js";
import { t } from "../core/i18n.js";

class LinkBanner extends Element {
  constructor() {
    super();
    this.lostAt = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(everySecond(() => this.tick()));
    this.note();
  }

  storeChanged() {
    this.note();
    this.requestUpdate();
  }

  note() {
    if (this.store.link === "lost" && this.lostAt === 0) this.lostAt = Date.now();
    if (this.store.link === "live") this.lostAt = 0;
  }

  tick() {
    const lost = this.find(".lost-for");
    if (lost) lost.textContent = duration((Date.now() - this.lostAt) / 1000);
  }

  updated() {
    this.tick();
  }

  render() {
    if (this.store.link !== "lost") return nothing;
    return html`<div class="link-banner" role="alert"><b>${t("link.banner")} <span class="lost-for" aria-live="off"></span></b>
      <span>${t("link.dataAt", { time: clockTime(this.store.trueAt) })} ${t("link.noAssigning")}</span></div>`;
  }
}
customElements.define("br-link-banner", LinkBanner);
