const longestText = 300;
/** An endpoint may say anything; nobody reads on so far. */
const longestRead = 20_000;

/**
 * A text of an endpoint without anything that its URL is made of: providers quote the URL, or the key alone, as it is,
 * percent-encoded, in other letters' case or in HTML. Other URLs go too, control characters, which a terminal would
 * obey, are replaced, and the text is cut at 300 characters.
 */
export function redact(text: string, url: string): string {
  const secrets = secretsOf(url);
  const read = secrets
    .reduce((redacted, secret) => redacted.replace(spellings(secret), '…'), text.slice(0, longestRead))
    .replace(/\b[a-z][a-z\d+.-]*:\\?\/\\?\/[^\s"'<>]+/gi, '…');
  // What was cut may end within a secret.
  const whole = text.length > longestRead ? read.slice(0, -6 * (secrets[0]?.length ?? 0)) : read;
  return whole
    .replace(/\u001b\[[\d;]*[A-Za-z]/g, '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, longestText);
}

/** Longest first, so that no part of one is left over. What is as short as `v2` or `rpc` tells nothing. */
function secretsOf(text: string): readonly string[] {
  const { href, host, hostname, pathname, search, searchParams } = new URL(text);
  const wholes = [text, href, `${host}${pathname}${search}`, host, hostname, pathname.slice(1), search.slice(1)];
  const parts = [
    ...hostname.split('.'),
    ...pathname.split('/'),
    ...search.slice(1).split(/[&=]/),
    ...searchParams.values(),
  ];
  const secrets = [...wholes, ...parts].flatMap((part) => [part, decoded(part)]);
  return [...new Set(secrets)].filter((secret) => secret.length > 3).toSorted((a, b) => b.length - a.length);
}

/** In either case, each character as it is, percent-encoded (twice), as an HTML entity or behind a backslash. */
function spellings(secret: string): RegExp {
  const characters = [...new TextEncoder().encode(secret)].map((byte) => {
    const hex = byte.toString(16).padStart(2, '0');
    const encoded = `%(?:25)*${hex}|&#x0*${hex};|&#0*${byte};`;
    const plain = String.fromCharCode(byte);
    return byte < 0x80 ? `\\\\?(?:\\u{${hex}}|${encoded}${plain === '&' ? '|&amp;' : ''})` : `(?:${encoded})`;
  });
  return new RegExp(`${characters.join('')}|${escaped(secret)}`, 'giu');
}

function escaped(secret: string): string {
  return Array.from(secret, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join('');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
