// Keys by their place on the keyboard (`event.code`), so that they work in the Russian layout too.

/** @param {EventTarget | null} target */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

/** `Ctrl+KeyZ`, `Shift+Slash`, `KeyJ`. @param {KeyboardEvent} event */
export function chord(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey) parts.push("Shift");
  parts.push(event.code);
  return parts.join("+");
}

/** Typing where something stands already: there Ctrl+Z belongs to the text. @param {EventTarget | null} target */
export const isWriting = (target) => isTyping(target) && /** @type {HTMLInputElement} */ (target).value !== "";
