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
  const read = text.slice(0, longestRead).replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
  const redacted = secrets
    .reduce((rest, secret) => rest.replace(spellings(secret), '…'), read)
    .replace(/\b[a-z][a-z\d+.-]*:\\?\/\\?\/[^\s"'<>]+/gi, '…');
  // What was cut may end within a secret.
  const whole = text.length > longestRead ? redacted.slice(0, -6 * (secrets[0]?.length ?? 0)) : redacted;
  return whole
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
  const characters = Array.from(secret, (character) => {
    const cases = [...new Set([character.toLowerCase(), character.toUpperCase()])];
    const ways = [
      `\\\\?\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
      ...cases.flatMap(encodings),
      ...(character === '&' ? ['&amp;'] : []),
    ];
    return `(?:${ways.join('|')})`;
  });
  return new RegExp(characters.join(''), 'giu');
}

function encodings(text: string): readonly string[] {
  const bytes = [...new TextEncoder().encode(text)].map((byte) => `%(?:25)*${byte.toString(16).padStart(2, '0')}`);
  const code = text.codePointAt(0) ?? 0;
  return [bytes.join(''), `&#x0*${code.toString(16)};`, `&#0*${code};`];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
