// Language and theme.

import { Element, html } from "../core/element.js";
import { t } from "../core/i18n.js";
import { prefs, setPrefs } from "../core/prefs.js";

class Choices extends Element {
  render() {
    const night = prefs.theme === "night";
    return html`<div class="choices">
      <button type="button" class="quiet" lang=${prefs.lang === "ru" ? "en" : "ru"}
        @click=${() => setPrefs({ lang: prefs.lang === "ru" ? "en" : "ru" })}>${prefs.lang === "ru" ? "English" : "Русский"}</button>
      <button type="button" class="quiet" @click=${() => setPrefs({ theme: night ? "day" : "night" })}>
        ${night ? t("theme.toDay") : t("theme.toNight")}</button>
    </div>`;
  }
}
customElements.define("br-choices", Choices);
