/** Index of class `label` of a row in [outer, classes, inner]. */
export const indexOf = (row: number, label: number, classes: number, inner: number): number =>
  inner === 1 ? row * classes + label : (Math.floor(row / inner) * classes + label) * inner + (row % inner);
