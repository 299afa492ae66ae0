/** The package, which commands that evaluate nothing need not load. */
export async function simdloss() {
  const [{ load }, { evaluate }] = await Promise.all([import('../index.ts'), import('../evaluate/index.ts')]);
  return { load, evaluate };
}
