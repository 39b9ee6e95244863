// The hour that a person chooses, in the service's own time zone, wherever the person's computer stands.

/** The reading of a zone's clock at a moment, as if it were UTC, ms. @param {number} at @param {string | undefined} zone */
function reading(at, zone) {
  const text = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(at);
  return Date.parse(`${text.replace(" ", "T")}Z`);
}

/** What a `datetime-local` field shows. @param {number} at @param {string | undefined} zone */
export const fieldValue = (at, zone) => new Date(reading(at, zone)).toISOString().slice(0, 16);

/** The moment of what stands in the field. @param {string} text @param {string | undefined} zone @returns {number} */
export function fromField(text, zone) {
  const wanted = Date.parse(`${text}Z`);
  if (!Number.isFinite(wanted)) return Number.NaN;
  let at = wanted;
  // The second round is for a day on which the clocks change.
  for (let round = 0; round < 2; round += 1) at += wanted - reading(at, zone);
  return at;
}
