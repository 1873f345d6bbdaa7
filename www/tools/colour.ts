/** Tools that convert, compare and mix colours. */

interface Rgb {
  red: number;
  green: number;
  blue: number;
}

/** Reads three or six hexadecimal digits, with or without the "#". */
function parseHex(hex: string): Rgb {
  const digits = hex.replace("#", "");
  const six = digits.length === 3 ? digits.replace(/./gu, "$&$&") : digits;
  if (!/^[0-9a-f]{6}$/iu.test(six)) {
    throw new Error(`"${hex}" is not a hex colour: it needs three or six digits, as in #ff8800.`);
  }
  const channel = (start: number) => Number.parseInt(six.slice(start, start + 2), 16);
  return { red: channel(0), green: channel(2), blue: channel(4) };
}

function formatHex({ red, green, blue }: Rgb): string {
  return "#" + [red, green, blue].map((channel) => channel.toString(16).padStart(2, "0")).join("");
}

function formatRgb({ red, green, blue }: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** Hue in degrees, saturation and lightness in percent, rounded as CSS colours usually are. */
function formatHsl({ red, green, blue }: Rgb): string {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const brightest = Math.max(r, g, b);
  const darkest = Math.min(r, g, b);
  const spread = brightest - darkest;
  const lightness = (brightest + darkest) / 2;
  const saturation = spread === 0 ? 0 : spread / (1 - Math.abs(2 * lightness - 1));

  let sextant = 0;
  if (spread === 0) sextant = 0;
  else if (brightest === r) sextant = (g - b) / spread;
  else if (brightest === g) sextant = (b - r) / spread + 2;
  else sextant = (r - g) / spread + 4;
  const hue = (Math.round(sextant * 60) + 360) % 360;

  return `hsl(${hue}, ${Math.round(saturation * 100)}%, ${Math.round(lightness * 100)}%)`;
}

/** Relative luminance as WCAG 2 defines it: 0 for black, 1 for white. */
function luminance({ red, green, blue }: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

export const colour = {
  colour_convert({ hex }: { hex: string }) {
    const rgb = parseHex(hex);
    return { hex: formatHex(rgb), rgb: formatRgb(rgb), hsl: formatHsl(rgb) };
  },

  rgb_to_hex(rgb: Rgb) {
    return { hex: formatHex(rgb) };
  },

  /** The WCAG 2 contrast ratio, and which levels it reaches for text of normal size. */
  colour_contrast({ foreground, background }: { foreground: string; background: string }) {
    const [one, other] = [luminance(parseHex(foreground)), luminance(parseHex(background))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return {
      ratio: Math.floor(ratio * 100) / 100,
      passes_AA: ratio >= 4.5,
      passes_AAA: ratio >= 7,
    };
  },

  /** The opposite hue with the same saturation and lightness. */
  complementary_colour({ hex }: { hex: string }) {
    const { red, green, blue } = parseHex(hex);
    const sum = Math.max(red, green, blue) + Math.min(red, green, blue);
    const opposite = { red: sum - red, green: sum - green, blue: sum - blue };
    return { hex: formatHex(opposite), rgb: formatRgb(opposite) };
  },

  /** Halfway between both in each channel. */
  mix_colours({ first, second }: { first: string; second: string }) {
    const [one, other] = [parseHex(first), parseHex(second)];
    const mixed = {
      red: Math.round((one.red + other.red) / 2),
      green: Math.round((one.green + other.green) / 2),
      blue: Math.round((one.blue + other.blue) / 2),
    };
    return { hex: formatHex(mixed), rgb: formatRgb(mixed) };
  },
};
