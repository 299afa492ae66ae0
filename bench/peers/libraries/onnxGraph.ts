// ONNX Runtime's inference builds have no gradients: cross entropy and its gradient as a graph of plain operators. With Softmax
// and the logarithm of what it gives the label it would take a quarter less, and be infinite where that underflows.
import protobuf from 'protobufjs';

/** The messages and fields of onnx.proto that a graph without weights of its own needs. */
const schema = `
syntax = "proto3";
message Attribute { string name = 1; int64 i = 3; bytes s = 4; int32 type = 20; }
message Node { repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5; }
message Tensor { repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; string name = 8; }
message Dimension { int64 dim_value = 1; }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12;
}
message OperatorSet { string domain = 1; int64 version = 2; }
message Model { int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated OperatorSet opset_import = 8; }
`;
const FLOAT = 1;
const INT64 = 7;
const INT = 2;
const STRING = 3;

const attribute = (name: string, value: number | string) =>
  typeof value === 'number'
    ? { name, i: value, type: INT }
    : { name, s: new TextEncoder().encode(value), type: STRING };

const node = (
  op: string,
  input: string[],
  output: string[],
  attributes: Record<string, number | string> = {},
) => ({
  op_type: op,
  input,
  output,
  attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
});

const info = (name: string, type: number, dims: number[]) => ({
  name,
  type: { tensor_type: { elem_type: type, shape: { dim: dims.map((size) => ({ dim_value: size })) } } },
});

/** Inputs logits [rows, classes] and labels [rows, 1]; outputs value (mean) and grad. */
export function crossEntropyGraph(rows: number, classes: number): Uint8Array {
  const model = {
    ir_version: 8,
    producer_name: 'simdloss bench',
    opset_import: [{ domain: '', version: 16 }],
    graph: {
      name: 'crossEntropy',
      input: [info('logits', FLOAT, [rows, classes]), info('labels', INT64, [rows, 1])],
      output: [info('value', FLOAT, []), info('grad', FLOAT, [rows, classes])],
      initializer: [
        { name: 'scale', dims: [], data_type: FLOAT, float_data: [1 / rows] },
        { name: 'minusScale', dims: [rows, 1], data_type: FLOAT, float_data: Array(rows).fill(-1 / rows) },
      ],
      node: [
        node('LogSoftmax', ['logits'], ['logProbabilities'], { axis: 1 }),
        node('GatherElements', ['logProbabilities', 'labels'], ['picked'], { axis: 1 }),
        node('ReduceMean', ['picked'], ['mean'], { keepdims: 0 }),
        node('Neg', ['mean'], ['value']),
        node('Exp', ['logProbabilities'], ['probabilities']),
        node('Mul', ['probabilities', 'scale'], ['scaled']),
        node('ScatterElements', ['scaled', 'labels', 'minusScale'], ['grad'], { axis: 1, reduction: 'add' }),
      ],
    },
  };
  const Model = protobuf.parse(schema, { keepCase: true }).root.lookupType('Model');
  return Model.encode(Model.fromObject(model)).finish();
}
