// Cuts a module: the exports that are wanted, and the functions, globals and types that they need. Functions stay what they
// are, byte for byte but for the numbers of what they name, and in their order, which is the one that is compressed best
// (ordering them anew makes a part less than 1 % smaller). What is left is what binaryen's remove-unused-module-elements
// leaves, without the 12 MB of it. Made for the modules of this package: anything else is refused.
import { foreign, type Kind, type Piece, Reader, type Reference } from './reader.ts';

const SECTIONS = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const;
type Section = keyof typeof SECTIONS;
const HEADER = 8;
/** What an export may be, by the byte that says so. */
const EXPORTED: Readonly<Record<number, Kind>> = { 0: 'function', 3: 'global' };

interface Export extends Piece {
  readonly name: string;
}
/** A module in pieces; the lists go by the numbers that they are named by. */
interface Parsed extends Readonly<Record<Kind, readonly Piece[]>> {
  /** Of each function. */
  readonly signatures: readonly Reference[];
  readonly exports: readonly Export[];
  readonly imports: Piece;
}

export function parse(module: Uint8Array): Parsed {
  const found = new Map<number, Reader>();
  const reader = new Reader(module, HEADER);
  const known: readonly number[] = Object.values(SECTIONS);
  while (reader.at < module.length) {
    const id = reader.byte();
    const size = reader.number();
    if (!known.includes(id)) foreign(`section ${id}`);
    found.set(id, new Reader(module, reader.at));
    reader.at += size;
  }
  const section = <T>(name: Section, read: (reader: Reader) => T): T =>
    read(found.get(SECTIONS[name]) ?? foreign(`no section ${name}`));

  return {
    type: section('type', (r) =>
      r.list(() =>
        r.piece(() => {
          r.byte();
          for (let i = 0; i < 2; i++) r.list(() => r.byte());
          return [];
        }),
      ),
    ),
    imports: section('import', (r) =>
      r.piece(() => {
        if (r.number() !== 1) foreign('it imports more than a memory');
        for (let i = 0; i < 2; i++) r.text();
        if (r.byte() !== 2) foreign('it imports something else than a memory');
        const limits = r.byte();
        r.skipNumber();
        if ((limits & 1) !== 0) r.skipNumber();
        return [];
      }),
    ),
    signatures: section('function', (r) => r.list(() => r.reference('type'))),
    global: section('global', (r) =>
      r.list(() =>
        r.piece(() => {
          // its type, and whether it can be set
          for (let i = 0; i < 2; i++) r.byte();
          return r.expression();
        }),
      ),
    ),
    exports: section('export', (r) =>
      r.list(() => {
        let name = '';
        const piece = r.piece(() => {
          name = r.text();
          return [r.reference(EXPORTED[r.byte()] ?? foreign(`the export ${name}`))];
        });
        return { name, ...piece };
      }),
    ),
    function: section('code', (r) =>
      r.list(() => {
        const size = r.number();
        const piece = r.piece(() => {
          // locals, each with how many of its type there are
          r.list(() => {
            r.skipNumber();
            r.byte();
          });
          return r.expression();
        });
        return piece.to - piece.from === size ? piece : foreign('a function ends elsewhere than it says');
      }),
    ),
  };
}

/** What exports need: numbers of what is left, in order. */
function reach({ signatures, ...pieces }: Parsed, exports: readonly Export[]): Record<Kind, number[]> {
  const used: Record<Kind, Set<number>> = { type: new Set(), function: new Set(), global: new Set() };
  const use = ({ kind, index }: Reference): void => {
    if (used[kind].has(index)) return;
    used[kind].add(index);
    if (kind === 'function') use(signatures[index]);
    pieces[kind][index].references.forEach(use);
  };
  for (const { references } of exports) references.forEach(use);
  const inOrder = (kind: Kind): number[] => [...used[kind]].sort((a, b) => a - b);
  return { type: inOrder('type'), function: inOrder('function'), global: inOrder('global') };
}

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}
const sized = (bytes: number[]): number[] => [...leb(bytes.length), ...bytes];
const list = (items: readonly number[][]): number[] => [...leb(items.length), ...items.flat()];

/** The module with those of its exports alone that are wanted. */
export function cut(module: Uint8Array, wanted: (name: string) => boolean): Uint8Array<ArrayBuffer> {
  const parsed = parse(module);
  const exports = parsed.exports.filter(({ name }) => wanted(name));
  const left = reach(parsed, exports);

  const renumbered = ({ kind, index }: Reference): number[] => leb(left[kind].indexOf(index));
  const written = ({ from, to, references }: Piece): number[] => {
    const bytes: number[] = [];
    let at = from;
    for (const reference of references) {
      bytes.push(...module.subarray(at, reference.from), ...renumbered(reference));
      at = reference.to;
    }
    return [...bytes, ...module.subarray(at, to)];
  };
  const all = (kind: Kind): number[][] => left[kind].map((index) => written(parsed[kind][index]));
  const contents: Record<Section, number[]> = {
    type: list(all('type')),
    import: written(parsed.imports),
    function: list(left.function.map((index) => renumbered(parsed.signatures[index]))),
    global: list(all('global')),
    export: list(exports.map(written)),
    code: list(all('function').map(sized)),
  };
  return Uint8Array.from([
    ...module.subarray(0, HEADER),
    ...Object.entries(contents).flatMap(([name, content]) => [SECTIONS[name as Section], ...sized(content)]),
  ]);
}
