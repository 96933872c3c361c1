const longestText = 300;

/**
 * A text of an endpoint without anything that its URL is made of: providers quote the URL, or the key alone. Control
 * characters, which a terminal would obey, are replaced, and the text is cut at 300 characters.
 */
export function redact(text: string, url: string): string {
  return secretsOf(url)
    .reduce((redacted, secret) => redacted.replaceAll(secret, '…'), text.trim())
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, longestText);
}

/** Longest first, so that no part of one is left over. What is as short as `v2` or `rpc` tells nothing. */
function secretsOf(text: string): readonly string[] {
  const { href, host, hostname, pathname, search, searchParams } = new URL(text);
  const wholes = [text, href, `${host}${pathname}${search}`, host, hostname, pathname.slice(1), search.slice(1)];
  const parts = [...pathname.split('/'), ...search.slice(1).split(/[&=]/), ...searchParams.values()];
  const secrets = [...wholes, ...parts, ...pathname.split('/').map(decoded)];
  return [...new Set(secrets)].filter((secret) => secret.length > 3).toSorted((a, b) => b.length - a.length);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
