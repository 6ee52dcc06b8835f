/**
 * What two runs of a shell may differ in, taken out of what it printed: session ids and times go, and zxids are told by
 * their rank among all zxids of the text, so that their order and their equality stay comparable.
 */
export function comparable(text: string): string {
  const plain = text
    .replace(/\r/g, "")
    .replace(/([cm]time\s*=\s*).*/g, "$1TIME")
    .replace(/(ephemeralOwner = (?:0x)?)(?!0\b)[0-9a-f]+/g, "$1SESSION")
    .replace(/time = \d+ msec/g, "time = N msec");
  // `cZxid = 0x1a` of zkCli, `czxid=1a` of cli_mt, `zxid: 26` of a Java client's event, which may have none: -1.
  const zxid = /([cmp]Zxid = 0x|[cm]zxid=|zxid: )([0-9a-f]+)/g;
  const valueOf = (head: string, digits: string): bigint => BigInt(head === "zxid: " ? digits : `0x${digits}`);
  const found = [...plain.matchAll(zxid)].map(([, head, digits]) => valueOf(head!, digits!));
  const ranks = [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
  return plain.replace(zxid, (_all, head: string, digits: string) => {
    return `${head}#${ranks.indexOf(valueOf(head, digits))}`;
  });
}
