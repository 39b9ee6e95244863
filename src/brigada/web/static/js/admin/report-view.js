// What every report is shown as: its figures, its charts beside tables of the same numbers, notes.

import { html, nothing } from "../core/element.js";
import { t } from "../core/i18n.js";
import "./chart.js";
import "./report-table.js";

// So many columns fit beside a chart on a wide screen; more stand under it.
const COLUMNS_BESIDE = 6;

/** @param {Record<string, any>} figure */
const tile = (figure) => html`<div><dt>${figure.title}</dt><dd><b>${figure.display}</b>${figure.change && figure.before !== null
  ? html`<span class="change-of ${figure.mood}">${figure.mood === "better" ? "✓ " : figure.mood === "worse" ? "⚠ " : ""}${figure.change}</span><small class="muted">${t("reports.before", { value: figure.display_before })}</small>`
  : figure.display_before ? html`<small class="muted">${t("reports.before", { value: figure.display_before })}</small>` : nothing}</dd></div>`;

/** @param {Record<string, any>} table @param {boolean} drills */
const tableOf = (table, drills) => html`<br-report-table .data=${table} .drills=${drills}></br-report-table>`;

/**
 * @param {Record<string, any>} data @param {(key: string) => string} chartPath where the server draws a chart
 * @param {{between?: unknown, drills?: boolean}} [more] what stands between the charts and the tables; whether numbers lead to calls
 */
export function reportView(data, chartPath, { between = nothing, drills = false } = {}) {
  const charts = (data.charts ?? []).map((/** @type {any} */ chart) => ({
    chart, drawn: html`<br-chart .name=${chart.title} .path=${chartPath(chart.key)}></br-chart>`,
  }));
  const [only] = charts;
  const beside = charts.length === 1 && (data.tables ?? []).find((/** @type {any} */ table) => table.key === only?.chart.table);
  const columns = beside ? beside.columns.filter((/** @type {any} */ column) => !column.compared).length : 0;
  const rest = (data.tables ?? []).filter((/** @type {any} */ table) => table !== beside);
  // Where several charts tell it at a glance, their numbers wait folded up.
  const folded = new Set(charts.length > 2 ? charts.map((/** @type {any} */ one) => one.chart.table) : []);
  return html`${data.figures?.length > 0 ? html`<dl class="figures">${data.figures.map(tile)}</dl>` : nothing}
    ${beside
      ? html`<div class="report-pair ${columns <= COLUMNS_BESIDE ? "side" : ""}">${only?.drawn}<div>${tableOf(beside, drills)}</div></div>`
      : charts.length > 0 ? html`<div class="charts">${charts.map((/** @type {any} */ one) => one.drawn)}</div>` : nothing}
    ${between}${rest.filter((/** @type {any} */ table) => !folded.has(table.key)).map((/** @type {any} */ table) => tableOf(table, drills))}
    ${rest.some((/** @type {any} */ table) => folded.has(table.key))
      ? html`<details class="report-numbers"><summary>${t("reports.numbers")}</summary>${rest.filter((/** @type {any} */ table) => folded.has(table.key)).map((/** @type {any} */ table) => tableOf(table, drills))}</details>`
      : nothing}
    ${data.notes?.length > 0 ? html`<ul class="report-notes muted">${data.notes.map((/** @type {string} */ note) => html`<li>${note}</li>`)}</ul>` : nothing}`;
}
