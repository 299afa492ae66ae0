// Kernels that more than one loss or helper calls.
import type { KernelSpec } from './descriptor.ts';

export const l1Kernel: KernelSpec = {
  name: 'l1',
  file: 'l1',
  op: 'L1',
  loops: ['any', 'sum', 'grad', 'sumgrad'],
  hasFinite: true,
};

export const klDivLogKernel: KernelSpec = {
  name: 'klDivLog',
  file: 'klDivLog',
  op: 'KlDivLog',
  loops: ['any'],
};

export const cosineKernel: KernelSpec = {
  name: 'cosine',
  file: 'cosine',
  op: 'Cosine',
  loops: ['rows', 'lanes'],
  template: 'features',
};

export const crossEntropyKernel: KernelSpec = {
  name: 'crossEntropy',
  file: 'crossEntropy',
  op: 'CrossEntropy',
  loops: ['rows', 'lanes', 'few'],
  column: 'SoftmaxColumn',
};

export const curvedKernel: KernelSpec = {
  name: 'curved',
  file: 'curved',
  op: 'Curved',
  loops: ['rows', 'lanes', 'few'],
  template: 'curved',
};
