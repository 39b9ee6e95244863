// The mark of a criticality: number, shape and colour together, so that none of them is needed alone.

import { html, svg } from "../core/element.js";
import { t } from "../core/i18n.js";

export const CRIT_NUMBER = { critical: 1, important: 2, common: 3 };

const SHAPES = {
  critical: svg`<path d="M8 1 22 1 29 12 22 23 8 23 1 12Z"></path>`,
  important: svg`<path d="M15 0 30 24 0 24Z"></path>`,
  common: svg`<circle cx="15" cy="12" r="12"></circle>`,
};

/** @param {import("../types.js").Criticality} criticality */
export const critMark = (criticality) => html`<span class="crit ${criticality}" role="img" aria-label=${t(`criticality.${criticality}`)}
  title=${t(`criticality.${criticality}`)}><svg viewBox="0 0 30 24" aria-hidden="true">${SHAPES[criticality]}</svg
  ><b aria-hidden="true">${CRIT_NUMBER[criticality]}</b></span>`;
