/** ZooKeeper's paths. The root is "/", every other one "/name/name"; lengths and ranges are in UTF-16 units. */

const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * The rule of ZooKeeper's PathUtils: absolute, no empty component, no trailing slash, no "." and "..", no control
 * characters, nothing from the surrogates to the end of the private use area, no specials. False is -8 on the wire.
 */
export function validatePath(path: string): boolean {
  if (path.length === 0 || path.charCodeAt(0) !== SLASH) return false;
  if (path.length === 1) return true;
  let nameAt = 1;
  for (let i = 1; i <= path.length; i++) {
    // A slash behind the end closes the last component like the others.
    const unit = i < path.length ? path.charCodeAt(i) : SLASH;
    if (unit === SLASH) {
      if (!isName(path, nameAt, i)) return false;
      nameAt = i + 1;
    } else if (isRefused(unit)) {
      return false;
    }
  }
  return true;
}

/** Empty, "." and ".." are no names. */
function isName(path: string, from: number, to: number): boolean {
  const length = to - from;
  if (length === 0) return false;
  if (length > 2 || path.charCodeAt(from) !== DOT) return true;
  return length === 2 && path.charCodeAt(from + 1) !== DOT;
}

function isRefused(unit: number): boolean {
  if (unit < 0x7f) return unit < 0x20;
  if (unit < 0xd800) return unit <= 0x9f;
  return unit <= 0xf8ff || unit >= 0xfff0;
}

/** The text before the last slash, "/" where that is empty; so the root's parent is the root. Not checked otherwise. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** The text behind the last slash; the root's is empty. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of a child. */
export function childOf(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}
