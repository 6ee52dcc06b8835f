/** The words that Java's X500Principal knows as types of attributes; all others must be object identifiers. */
const keywords = new Set(
  (
    "CN C L S ST O OU T IP STREET DC DNQUALIFIER DNQ SURNAME GIVENNAME INITIALS GENERATION " +
    "EMAIL EMAILADDRESS UID SERIALNUMBER"
  ).split(" "),
);

/**
 * Whether a text is a distinguished name in the sense of RFC 2253:
 *
 *   name      := [attribute (("," | ";" | "+") attribute)*]
 *   attribute := type "=" value         value: a quoted text, or one in which separators are escaped by "\"
 */
export function isDistinguishedName(text: string): boolean {
  if (text.trim() === "") return true;
  const attributes = splitAttributes(text);
  return attributes?.every(isAttribute) ?? false;
}

/** Null when a quote is not closed or an escape escapes nothing. */
function splitAttributes(text: string): string[] | null {
  const attributes: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]!;
    if (unit === "\\") {
      i++;
      if (i === text.length) return null;
    } else if (unit === '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (unit === "," || unit === ";" || unit === "+")) {
      attributes.push(text.slice(start, i));
      start = i + 1;
    }
  }
  if (isQuoted) return null;
  attributes.push(text.slice(start));
  return attributes;
}

function isAttribute(text: string): boolean {
  const equals = text.indexOf("=");
  if (equals < 0) return false;
  const type = text.slice(0, equals).trim().toUpperCase();
  return keywords.has(type) || /^(OID\.)?[0-2](\.\d+)+$/.test(type);
}
