// What every report is shown as: its figures, its charts, tables of the same numbers, notes.

import { html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import "./chart.js";

/** @param {Record<string, any>} table */
export function reportTable(table) {
  const columns = table.columns ?? [];
  const rows = table.display ?? [];
  if (rows.length === 0) return html`<p class="pane-note muted">${table.title ? `${table.title}. ` : ""}${t("reports.empty")}</p>`;
  const number = (/** @type {number} */ index) => (["text", "time", "call"].includes(columns[index]?.kind) ? "" : "number");
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${table.title}><table><caption>${table.title}</caption>
    <thead><tr>${columns.map((/** @type {any} */ column, /** @type {number} */ index) => html`<th scope="col" class=${number(index)}>${column.title}</th>`)}</tr></thead>
    <tbody>${rows.map((/** @type {string[]} */ row) => html`<tr>${row.map((cell, index) => html`<td class=${number(index)}>${cell}</td>`)}</tr>`)}</tbody>
    ${table.display_total ? html`<tfoot><tr>${table.display_total.map((/** @type {string} */ cell, /** @type {number} */ index) => html`<td class=${number(index)}><b>${cell}</b></td>`)}</tr></tfoot>` : nothing}</table></div>`;
}

/**
 * @param {Record<string, any>} data @param {(key: string) => string} chartPath where the server draws a chart
 * @param {unknown} [between] what stands between the charts and the tables
 */
export function reportView(data, chartPath, between = nothing) {
  return html`${data.figures?.length > 0
      ? html`<dl class="figures">${data.figures.map((/** @type {any} */ figure) => html`<div><dt>${figure.title}</dt><dd><b>${figure.display}</b>${figure.display_before ? html` <small class="muted">${t("reports.before", { value: figure.display_before })}</small>` : nothing}</dd></div>`)}</dl>`
      : nothing}
    <div class="charts">${(data.charts ?? []).map((/** @type {any} */ chart) => html`<br-chart .name=${chart.title} .path=${chartPath(chart.key)}></br-chart>`)}</div>
    ${between}${(data.tables ?? []).map(reportTable)}
    ${(data.notes ?? []).map((/** @type {string} */ note) => html`<p class="muted report-note">${note}</p>`)}`;
}
