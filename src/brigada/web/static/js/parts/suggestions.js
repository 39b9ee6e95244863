// The list under a field with suggestions: chosen by arrows and Enter, or by the pointer without leaving the field.

import { html } from "../core/element.js";

/**
 * @template T
 * @param {{id: string, label: string, items: T[], at: number, face: (item: T) => unknown, choose: (item: T) => void, up?: boolean}} list
 */
export const suggestionList = ({ id, label, items, at, face, choose, up = false }) =>
  html`<ul class="suggestions ${up ? "up" : ""}" id=${id} role="listbox" aria-label=${label}>${items.map(
    (item, index) => html`<li role="option" id="${id}-${index}" aria-selected=${index === at ? "true" : "false"}
      @pointerdown=${(/** @type {Event} */ event) => {
        event.preventDefault();
        choose(item);
      }}>${face(item)}</li>`,
  )}</ul>`;
