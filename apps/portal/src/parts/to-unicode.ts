/** The figures of RFC 3492, section 5. */
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const FIRST_BIAS = 72;
const FIRST_CODE = 128;
const PREFIX = 'xn--';

/** A domain as people write it: `xn--mller-kva.de` → `müller.de`. What can't be read stays as it is. */
export function toUnicode(domain: string): string {
  return domain
    .split('.')
    .map((label) => (label.startsWith(PREFIX) ? (decode(label.slice(PREFIX.length)) ?? label) : label))
    .join('.');
}

/** RFC 3492, section 6.2. */
function decode(text: string): string | undefined {
  const border = text.lastIndexOf('-');
  const letters = [...text.slice(0, Math.max(0, border))];
  let [code, place, bias, at] = [FIRST_CODE, 0, FIRST_BIAS, border + 1];
  while (at < text.length) {
    const before = place;
    for (let weight = 1, digits = BASE; ; digits += BASE) {
      const digit = digitOf(text[at]);
      if (digit === undefined) return undefined;
      at += 1;
      place += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, digits - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    bias = adapt(place - before, letters.length + 1, before === 0);
    code += Math.floor(place / (letters.length + 1));
    place %= letters.length + 1;
    if (code > 0x10ffff) return undefined;
    letters.splice(place, 0, String.fromCodePoint(code));
    place += 1;
  }
  return letters.join('');
}

function digitOf(letter: string | undefined): number | undefined {
  const value = letter === undefined ? Number.NaN : Number.parseInt(letter, BASE);
  if (Number.isNaN(value)) return undefined;
  // Letters come first, digits after them: the other way round than in a number.
  return value >= 10 ? value - 10 : value + 26;
}

function adapt(delta: number, count: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? DAMP : 2));
  rest += Math.floor(rest / count);
  let bias = 0;
  while (rest > ((BASE - T_MIN) * T_MAX) / 2) {
    rest = Math.floor(rest / (BASE - T_MIN));
    bias += BASE;
  }
  return bias + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
