// The base of every element: light DOM, words that follow the chosen language, the store's changes.

import { LitElement } from "../../vendor/lit.js";
import { onPrefs } from "./prefs.js";
import { session } from "./session.js";

export { classMap, html, ifDefined, keyed, live, nothing, ref, repeat, svg } from "../../vendor/lit.js";

export class Element extends LitElement {
  constructor() {
    super();
    /** @type {Array<() => void>} */
    this.stops = [];
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.stops.push(onPrefs(() => this.requestUpdate()));
    this.stops.push(session.store.subscribe(() => this.storeChanged()));
  }

  disconnectedCallback() {
    for (const stop of this.stops.splice(0)) stop();
    super.disconnectedCallback();
  }

  storeChanged() {
    this.requestUpdate();
  }

  /**
   * Calls back when the picture came anew after a gap, as soon as the link lives: what changed in the gap came by no
   * event, so whoever asks the server itself must ask again. @param {() => void} callback
   */
  onReturn(callback) {
    let { pictures } = this.store;
    let gap = false;
    const look = () => {
      const { store } = this;
      // Without a picture there was nothing to miss.
      gap ||= store.link === "lost" || (pictures > 0 && store.pictures > pictures);
      pictures = store.pictures;
      if (!gap || store.link !== "live") return;
      gap = false;
      callback();
    };
    this.stops.push(session.store.subscribe(look));
  }

  get store() {
    return session.store;
  }

  /** @param {string} name @param {unknown} [detail] */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** @template {HTMLElement} T @param {string} selector @returns {T | null} */
  find(selector) {
    return /** @type {T | null} */ (this.querySelector(selector));
  }
}
