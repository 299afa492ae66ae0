import type { Members } from '../functions.ts';
import type { WasmModule } from '../globals.ts';
import type { FiguresSpec, HelperSpec, OwnSpec } from '../helpers/specs.ts';
import type { Descriptor } from '../losses/descriptor.ts';
import type { Owners } from '../options/read.ts';
import type { Host } from '../plan/step.ts';

/** A module as text in the code: base64 of what is deflated. */
export interface TextModule {
  readonly text: string;
  readonly size: number;
}
/** A module in the code: as text, or where it is compiled when it is deployed as it is. */
export type PartModule = WasmModule | TextModule;

/**
 * A loss or helper to be given to `load`, or `half`, which lets all of them take f16 and bf16. A bundler takes along what is imported,
 * and leaves out the others.
 */
export interface Part<Name extends keyof Members | 'half' = keyof Members | 'half'> {
  readonly name: Name;
  /** @internal */
  readonly of: Descriptor | HelperSpec | FiguresSpec | OwnSpec;
  /** @internal Makes F.<name>. */
  readonly create: (of: never, options: Owners, host: Host) => unknown;
  /** The kernels, by dtype. */
  readonly f32: PartModule;
  readonly f64?: PartModule;
  /** Those that are in a part of their own. */
  readonly more?: readonly PartModule[];
}
