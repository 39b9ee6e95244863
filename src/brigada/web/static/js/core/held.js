// An order that is held while somebody points at a list: rows never move under the pointer or the focus. What is new
// waits behind a button, what has left stays in its place, marked.

// A pointer that lies still for so long reads nothing: the list goes on by itself.
const RESTED_MS = 20_000;

/** @template T */
export class HeldOrder {
  /** @param {(item: T) => number} idOf */
  constructor(idOf) {
    this.idOf = idOf;
    /** Ids as they are drawn now. @type {number[]} */
    this.shown = [];
    /** The last known face of each row. @type {Map<number, T>} */
    this.faces = new Map();
  }

  /**
   * The rows to draw, which of them have left, and what is not shown yet.
   * @param {T[]} wanted @param {boolean} held @returns {{rows: T[], left: Set<number>, news: T[]}}
   */
  arrange(wanted, held) {
    if (!held || this.shown.length === 0) {
      this.shown = wanted.map(this.idOf);
      this.faces = new Map(wanted.map((item) => [this.idOf(item), item]));
      return { rows: wanted, left: new Set(), news: [] };
    }
    const fresh = new Map(wanted.map((item) => [this.idOf(item), item]));
    const known = new Set(this.shown);
    for (const [id, item] of fresh) if (known.has(id)) this.faces.set(id, item);
    return {
      rows: this.shown.flatMap((id) => this.faces.get(id) ?? []),
      left: new Set(this.shown.filter((id) => !fresh.has(id))),
      news: wanted.filter((item) => !known.has(this.idOf(item))),
    };
  }

  release() {
    this.shown = [];
  }
}

/** Whether somebody points at an element or stands in it with the keyboard. */
export class Attended {
  /** @param {() => HTMLElement | null} element @param {() => void} changed called when nobody does any more */
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
    this.movedAt = Number.NEGATIVE_INFINITY;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.rest = undefined;
  }

  get held() {
    if (performance.now() - this.movedAt < RESTED_MS) return true;
    return Boolean(this.element()?.querySelector(":focus-visible"));
  }

  /** For `pointerenter` and `pointermove`. */
  moved = () => {
    this.movedAt = performance.now();
    if (this.rest === undefined) this.wait(RESTED_MS);
  };

  /** For `pointerleave`. */
  gone = () => {
    this.movedAt = Number.NEGATIVE_INFINITY;
    clearTimeout(this.rest);
    this.rest = undefined;
    this.changed();
  };

  /** @param {number} ms */
  wait(ms) {
    this.rest = setTimeout(() => {
      const left = this.movedAt + RESTED_MS - performance.now();
      this.rest = undefined;
      if (left > 0) this.wait(left);
      else this.changed();
    }, ms);
  }

  stop() {
    clearTimeout(this.rest);
    this.rest = undefined;
  }
}
