// Reports on a page of their own, for dispatchers.

import { Element, html } from "../core/element.js";
import { t } from "../core/i18n.js";
import "./reports.js";

class ReportsScreen extends Element {
  render() {
    return html`<div class="admin"><header class="topbar"><span class="who">${t("app.name")}</span><span class="spacer"></span><a class="top-button link" href="/">${t("menu.desk")}</a></header>
      <div class="admin-body single"><main class="admin-main"><header class="admin-head"><h1>${t("admin.reports")}</h1></header><br-reports></br-reports></main></div></div>`;
  }
}
customElements.define("br-reports-screen", ReportsScreen);
