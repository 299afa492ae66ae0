// Small graphs of ONNX, f32 throughout: the few fields of onnx.proto that they need, written as protocol buffers are.

type Bytes = readonly number[];

const varint = (value: number): Bytes =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
const integer = (field: number, value: number): Bytes => [field << 3, ...varint(value)];
const bytes = (field: number, content: Bytes): Bytes => [
  (field << 3) | 2,
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): Bytes => bytes(field, [...new TextEncoder().encode(value)]);

const FLOAT = 1;

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
}

const nodeBytes = ({ op, inputs, output }: Node): Bytes => [
  ...inputs.flatMap((name) => text(1, name)),
  ...text(2, output),
  ...text(4, op),
];

/** A tensor whose shape is not said. */
const info = (name: string): Bytes => [...text(1, name), ...bytes(2, bytes(1, integer(1, FLOAT)))];

const scalar = ([name, value]: readonly [string, number]): Bytes => [
  ...integer(2, FLOAT),
  ...bytes(4, [...new Uint8Array(Float32Array.of(value).buffer)]),
  ...text(8, name),
];

export function onnx(
  inputs: readonly string[],
  nodes: readonly Node[],
  output: string,
  scalars: Readonly<Record<string, number>> = {},
): Uint8Array {
  const graph = [
    ...nodes.flatMap((node) => bytes(1, nodeBytes(node))),
    ...text(2, 'graph'),
    ...Object.entries(scalars).flatMap((one) => bytes(5, scalar(one))),
    ...inputs.flatMap((name) => bytes(11, info(name))),
    ...bytes(12, info(output)),
  ];
  return Uint8Array.from([...integer(1, 8), ...bytes(7, graph), ...bytes(8, integer(2, 13))]);
}
