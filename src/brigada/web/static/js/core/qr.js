// A QR code (ISO/IEC 18004) of a short text: byte mode, error correction M, versions 1 to 10 (213 bytes at the most).
// For the address of a tracker, which nobody types on a phone.

// Codewords of data in each block, and of error correction in each, by version (ISO/IEC 18004, table 9, level M).
/** @type {Array<[number, Array<[number, number]>]>} */
const BLOCKS = [
  [10, [[1, 16]]], [16, [[1, 28]]], [26, [[1, 44]]], [18, [[2, 32]]], [24, [[2, 43]]],
  [16, [[4, 27]]], [18, [[4, 31]]], [22, [[2, 38], [2, 39]]], [22, [[3, 36], [2, 37]]], [26, [[4, 43], [1, 44]]],
];
// Centres of the alignment patterns (annex E).
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
// Format bits of level M.
const LEVEL_M = 0;

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = EXP[power + 255] = value;
  LOG[value] = power;
  value = value & 0x80 ? (value << 1) ^ 0x11d : value << 1;
}

/** @param {number} a @param {number} b */
const times = (a, b) => (a === 0 || b === 0 ? 0 : (EXP[(LOG[a] ?? 0) + (LOG[b] ?? 0)] ?? 0));

/** Remainder of the data by the generator polynomial (Reed-Solomon). @param {number[]} data @param {number} length @returns {number[]} */
function correction(data, length) {
  let generator = [1];
  for (let i = 0; i < length; i += 1) {
    const next = new Array(generator.length + 1).fill(0);
    generator.forEach((coefficient, at) => {
      next[at] ^= coefficient;
      next[at + 1] ^= times(coefficient, EXP[i] ?? 0);
    });
    generator = next;
  }
  const rest = [...data, ...new Array(length).fill(0)];
  for (let i = 0; i < data.length; i += 1) {
    const factor = rest[i];
    if (factor) generator.forEach((coefficient, at) => (rest[i + at] ^= times(coefficient, factor)));
  }
  return rest.slice(data.length);
}

/** @param {Uint8Array} bytes @returns {{version: number, words: number[]}} */
function encode(bytes) {
  for (let version = 1; version <= BLOCKS.length; version += 1) {
    const [perBlock, groups] = /** @type {[number, Array<[number, number]>]} */ (BLOCKS[version - 1]);
    const capacity = groups.reduce((sum, [count, size]) => sum + count * size, 0);
    const countBits = version < 10 ? 8 : 16;
    if (4 + countBits + bytes.length * 8 > capacity * 8) continue;
    /** @type {number[]} */
    const bits = [];
    const put = (/** @type {number} */ value, /** @type {number} */ length) => {
      for (let i = length - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
    };
    put(4, 4);
    put(bytes.length, countBits);
    for (const byte of bytes) put(byte, 8);
    put(0, Math.min(4, capacity * 8 - bits.length));
    while (bits.length % 8) bits.push(0);
    const data = [];
    for (let i = 0; i < bits.length; i += 8) data.push(bits.slice(i, i + 8).reduce((value, bit) => value * 2 + bit, 0));
    for (let pad = 0xec; data.length < capacity; pad ^= 0xec ^ 0x11) data.push(pad);
    return { version, words: interleave(data, perBlock, groups) };
  }
  throw new RangeError("too long for a QR code of version 10");
}

/** @param {number[]} data @param {number} perBlock @param {Array<[number, number]>} groups */
function interleave(data, perBlock, groups) {
  const blocks = [];
  let at = 0;
  for (const [count, size] of groups) for (let i = 0; i < count; i += 1) blocks.push(data.slice(at, (at += size)));
  const checks = blocks.map((block) => correction(block, perBlock));
  const words = [];
  for (const list of [blocks, checks]) {
    const longest = Math.max(...list.map((block) => block.length));
    for (let i = 0; i < longest; i += 1) for (const block of list) if (i < block.length) words.push(block[i] ?? 0);
  }
  return words;
}

class Grid {
  /** @param {number} version */
  constructor(version) {
    this.version = version;
    this.size = 17 + 4 * version;
    /** @type {boolean[][]} */
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    /** @type {boolean[][]} */
    this.fixed = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
  }

  /** @param {number} x @param {number} y @param {boolean} dark */
  fix(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    /** @type {boolean[]} */ (this.dark[y])[x] = dark;
    /** @type {boolean[]} */ (this.fixed[y])[x] = true;
  }

  patterns() {
    const last = this.size - 7;
    for (const [left, top] of [[0, 0], [last, 0], [0, last]]) {
      for (let dy = -1; dy <= 7; dy += 1) {
        for (let dx = -1; dx <= 7; dx += 1) {
          const ring = Math.max(Math.abs(dx - 3), Math.abs(dy - 3));
          this.fix((left ?? 0) + dx, (top ?? 0) + dy, ring !== 2 && ring !== 4);
        }
      }
    }
    for (let i = 8; i < this.size - 8; i += 1) {
      this.fix(i, 6, i % 2 === 0);
      this.fix(6, i, i % 2 === 0);
    }
    const centres = ALIGNMENT[this.version - 1] ?? [];
    for (const y of centres) for (const x of centres) this.align(x, y);
    this.writeFormat(0);
    this.writeVersion();
  }

  /** @param {number} x @param {number} y */
  align(x, y) {
    const end = this.size - 7;
    if ((x === 6 && y === 6) || (x === 6 && y === end) || (x === end && y === 6)) return;
    for (let dy = -2; dy <= 2; dy += 1) for (let dx = -2; dx <= 2; dx += 1) this.fix(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
  }

  /** @param {number} mask */
  writeFormat(mask) {
    const value = (LEVEL_M << 3) | mask;
    let rest = value << 10;
    for (let i = 14; i >= 10; i -= 1) if ((rest >> i) & 1) rest ^= 0x537 << (i - 10);
    const bits = ((value << 10) | rest) ^ 0x5412;
    const bit = (/** @type {number} */ i) => ((bits >> i) & 1) === 1;
    for (let i = 0; i < 15; i += 1) {
      if (i < 6) this.fix(8, i, bit(i));
      else if (i < 8) this.fix(8, i + 1, bit(i));
      else if (i === 8) this.fix(7, 8, bit(i));
      else this.fix(14 - i, 8, bit(i));
      if (i < 8) this.fix(this.size - 1 - i, 8, bit(i));
      else this.fix(8, this.size - 15 + i, bit(i));
    }
    this.fix(8, this.size - 8, true);
  }

  writeVersion() {
    if (this.version < 7) return;
    let rest = this.version << 12;
    for (let i = 17; i >= 12; i -= 1) if ((rest >> i) & 1) rest ^= 0x1f25 << (i - 12);
    const bits = (this.version << 12) | rest;
    for (let i = 0; i < 18; i += 1) {
      const dark = ((bits >> i) & 1) === 1;
      const [a, b] = [Math.floor(i / 3), (i % 3) + this.size - 11];
      this.fix(a, b, dark);
      this.fix(b, a, dark);
    }
  }

  /** Two columns at a time, from the right, up and down by turns. @param {number[]} words */
  write(words) {
    let index = 0;
    for (let right = this.size - 1, up = true; right >= 1; right -= 2, up = !up) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) {
        const y = up ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y]?.[x]) continue;
          /** @type {boolean[]} */ (this.dark[y])[x] = (((words[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;
          index += 1;
        }
      }
    }
  }

  /** @param {number} mask @returns {boolean[][]} */
  masked(mask) {
    this.writeFormat(mask);
    const flip = /** @type {(x: number, y: number) => boolean} */ (MASKS[mask]);
    return this.dark.map((row, y) => row.map((dark, x) => (this.fixed[y]?.[x] ? dark : dark !== flip(x, y))));
  }
}

/** @type {Array<(x: number, y: number) => boolean>} */
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** How hard a picture is to read (the four rules of the standard). @param {boolean[][]} rows */
function penalty(rows) {
  const columns = rows.map((_, x) => rows.map((row) => row[x] ?? false));
  let sum = 0;
  for (const line of [...rows, ...columns]) {
    const text = line.map((dark) => (dark ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
    for (const pattern of ["10111010000", "00001011101"]) {
      for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) sum += 40;
    }
  }
  let dark = 0;
  rows.forEach((row, y) => {
    row.forEach((cell, x) => {
      if (cell) dark += 1;
      if (x > 0 && y > 0 && cell === row[x - 1] && cell === rows[y - 1]?.[x] && cell === rows[y - 1]?.[x - 1]) sum += 3;
    });
  });
  return sum + 10 * Math.floor(Math.abs((dark * 100) / rows.length ** 2 - 50) / 5);
}

/** Rows of dark cells, without the quiet zone. @param {string} text @returns {boolean[][]} */
export function qrRows(text) {
  const { version, words } = encode(new TextEncoder().encode(text));
  const grid = new Grid(version);
  grid.patterns();
  grid.write(words);
  const pictures = MASKS.map((_, mask) => grid.masked(mask));
  return pictures.reduce((best, picture) => (penalty(picture) < penalty(best) ? picture : best));
}

/** The picture as the path of an SVG, one unit a cell, with the quiet zone of four cells. @param {string} text */
export function qrPath(text) {
  const rows = qrRows(text);
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
  return { path, size: rows.length + 8 };
}
