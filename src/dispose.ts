// `using`, in the types: es2022 has no Symbol.dispose, and a declaration that names it would not compile there.

/** What `using` asks for, where the library that is compiled against has it. */
export type DisposableWhereKnown = SymbolConstructor extends { readonly dispose: infer S extends symbol }
  ? { readonly [name in S]: () => void }
  : Record<never, never>;
