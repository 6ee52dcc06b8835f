import { crc32c } from "../base/crc32c.ts";
import { DecodeError } from "../wire/codec.ts";
import { decodeMetadata, type Metadata } from "../wire/etcdserverpb.ts";
import {
  decodeEntry,
  decodeHardState,
  encodeHardState,
  newHardState,
  type Entry,
  type HardState,
  type SnapshotMetadata,
} from "../wire/raftpb.ts";
import { decodeSnapshot, encodeSnapshot } from "../wire/walpb.ts";
import { CorruptStorageError } from "./errors.ts";
import { recordType } from "./wal-format.ts";

/** What the records add up to. */
export interface Recovered {
  readonly metadata: Metadata;
  /** The metadata record as it stands, for the heads of later segments. */
  readonly metadataBytes: Uint8Array;
  readonly hardState: HardState;
  readonly snapshot: SnapshotMetadata;
  readonly entries: Entry[];
  /** The highest index saved, by an entry or by a snapshot mark. */
  readonly lastIndex: number;
  /** The running checksum behind the last record. */
  readonly crc: number;
}

/** Takes the records of all segments in order and works out what they add up to. */
export class Recovery {
  #crc = 0;
  #metadataBytes: Uint8Array | null = null;
  #hardState = newHardState();
  #snapshots: SnapshotMetadata[] = [];
  #entries: Entry[] = [];
  #lastIndex = 0;
  #mismatch = "walpb: record is malformed";

  /** False: the checksum does not fit. Throws when it does and the content still cannot be. */
  take(type: number, crc: number, data: Uint8Array | null, place: string): boolean {
    if (type === recordType.crc) {
      // A reader that starts in the middle of the log has no checksum yet; zero stands for that, as in etcd.
      if (data !== null || (this.#crc !== 0 && crc !== this.#crc)) return this.#refuse(crc, this.#crc);
      this.#crc = crc;
      return true;
    }
    if (data === null) return this.#refuse(crc, this.#crc);
    const computed = crc32c(data, this.#crc);
    if (computed !== crc) return this.#refuse(crc, computed);
    this.#crc = computed;
    try {
      this.#takeContent(type, data);
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof CorruptStorageError)) throw error;
      throw new CorruptStorageError(`${error.message}: ${place}`, { cause: error });
    }
    return true;
  }

  failure(place: string): CorruptStorageError {
    return new CorruptStorageError(`${this.#mismatch}: ${place}`);
  }

  /** Whether everything above the newest mark has been read, when what was read begins with entry `firstIndex`. */
  startsAtOrBelow(firstIndex: number): boolean {
    const mark = this.#newestCommitted();
    return mark !== null && firstIndex <= mark.index + 1;
  }

  finish(): Recovered {
    if (this.#metadataBytes === null) throw new CorruptStorageError("wal: metadata not found");
    const snapshot = this.#newestSnapshot();
    const entries = this.#entries.filter((entry) => entry.index > snapshot.index);
    const first = entries[0];
    if (first !== undefined && first.index !== snapshot.index + 1) {
      throw new CorruptStorageError(
        `wal: slice bounds out of range, snapshot[Index: ${snapshot.index}, Term: ${snapshot.term}], ` +
          `current entry[Index: ${first.index}, Term: ${first.term}]`,
      );
    }
    return {
      metadata: decodeMetadata(this.#metadataBytes),
      metadataBytes: this.#metadataBytes,
      hardState: this.#hardState,
      snapshot,
      entries,
      lastIndex: this.#lastIndex,
      crc: this.#crc,
    };
  }

  #refuse(expected: number, computed: number): false {
    this.#mismatch = `walpb: crc mismatch: expected: ${expected.toString(16)} computed: ${computed.toString(16)}`;
    return false;
  }

  /** The checksum does not cover the type, so each kind of content must also prove that it is of that kind. */
  #takeContent(type: number, data: Uint8Array): void {
    switch (type) {
      case recordType.entry:
        this.#takeEntry(decodeEntry(Buffer.from(data)));
        return;
      case recordType.state: {
        const hardState = decodeHardState(data);
        if (!encodeHardState(hardState).equals(data)) throw unexpected("hard state");
        this.#hardState = hardState;
        this.#forgetCovered();
        return;
      }
      case recordType.snapshot: {
        const mark = decodeSnapshot(data);
        if (!encodeSnapshot(mark).equals(data)) throw unexpected("snapshot");
        this.#snapshots.push(mark);
        this.#lastIndex = Math.max(this.#lastIndex, mark.index);
        this.#forgetCovered();
        return;
      }
      case recordType.metadata: {
        const known = this.#metadataBytes;
        if (known !== null && Buffer.compare(known, data) !== 0) {
          throw new CorruptStorageError("wal: conflicting metadata found");
        }
        this.#metadataBytes ??= Buffer.from(data);
        return;
      }
      default:
        throw new CorruptStorageError(`unexpected block type ${type}`);
    }
  }

  #takeEntry(entry: Entry): void {
    if (entry.index < 1 || entry.type > 2 || entry.term >= Number.MAX_SAFE_INTEGER) throw unexpected("entry");
    const entries = this.#entries;
    // A lower or equal index takes back the tail that a former leader had sent.
    while (entries.length > 0 && entries[entries.length - 1]!.index >= entry.index) entries.pop();
    // A gap is right only behind a snapshot that replaced the log; `finish` checks that there is one.
    if (entries.length > 0 && entries[entries.length - 1]!.index + 1 !== entry.index) this.#entries = [];
    this.#entries.push(entry);
    this.#lastIndex = entry.index;
  }

  /** Keeps memory bounded: the newest mark below the commit index will be the one to start from, or an older one. */
  #forgetCovered(): void {
    const mark = this.#snapshots.findLast(({ index }) => index <= this.#hardState.commit);
    const first = this.#entries[0];
    if (mark === undefined || first === undefined || first.index > mark.index) return;
    const last = this.#entries[this.#entries.length - 1]!;
    if (last.index <= mark.index) this.#entries = [];
    else this.#entries.splice(0, mark.index - first.index + 1);
  }

  #newestCommitted(): SnapshotMetadata | null {
    return this.#snapshots
      .filter(({ index }) => index <= this.#hardState.commit)
      .reduce<SnapshotMetadata | null>((best, each) => (best === null || each.index >= best.index ? each : best), null);
  }

  #newestSnapshot(): SnapshotMetadata {
    const mark = this.#newestCommitted();
    if (mark === null) throw new CorruptStorageError("wal: snapshot not found");
    if (this.#snapshots.some(({ index, term }) => index === mark.index && term !== mark.term)) {
      throw new CorruptStorageError("wal: snapshot mismatch");
    }
    return mark;
  }
}

function unexpected(what: string): CorruptStorageError {
  return new CorruptStorageError(`walpb: crc mismatch: the content of a record is no ${what}`);
}
