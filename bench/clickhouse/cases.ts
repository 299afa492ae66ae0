// What is measured: queries over functions of simdloss, and over the formulas that SQL would have in their place.
import { exactSum } from 'simdloss/clickhouse';

/** The losses that the queries call. */
export const losses = ['bce', 'bceWithLogits', 'mse', 'crossEntropy'];

export const ROWS = 10_000_000;
/** Logits of each table of rows of classes. */
export const LOGITS = 10_000_000;
const COUNTS = [10, 100, 1000];

/** Not compressed: what random numbers take to be read is of no interest. */
export const tables: readonly string[] = [
  'CREATE TABLE elements (p Float32 CODEC(NONE), z Float32 CODEC(NONE), t Float32 CODEC(NONE)) ENGINE = MergeTree ORDER BY tuple()',
  `INSERT INTO elements SELECT randCanonical(), randNormal(0, 3), rand(7) % 2 FROM numbers(${ROWS})`,
  ...COUNTS.flatMap((classes) => [
    `CREATE TABLE rows${classes} (z Array(Float32) CODEC(NONE), y UInt16) ENGINE = MergeTree ORDER BY tuple()`,
    `INSERT INTO rows${classes} SELECT arrayMap(i -> toFloat32(randNormal(0, 3) + 0 * i), range(${classes})), rand(7) % ${classes} FROM numbers(${LOGITS / classes})`,
  ]),
];

export interface Case {
  readonly name: string;
  readonly per: 'row' | 'logit';
  readonly ours: string;
  readonly sql?: string;
  readonly formula?: string;
}

const ofElements = (what: string): string => `SELECT ${what} FROM elements`;

/** The softmax less the label's 1, as it is written. */
const gradient = (classes: number): string =>
  `SELECT sum(length(arrayMap((a, i) -> toFloat32(exp(a - m) / s - (i = y + 1)), z, arrayEnumerate(z))))
  FROM (SELECT y, z, m, arraySum(arrayMap(a -> exp(a - m), z)) AS s FROM (SELECT y, z, arrayMax(z) AS m FROM rows${classes}))`;
/** The same with the exponentials kept. */
const gradientOnce = (
  classes: number,
): string => `SELECT sum(length(arrayMap((e, i) -> toFloat32(e / s - (i = y + 1)), es, arrayEnumerate(es))))
  FROM (SELECT y, es, arraySum(es) AS s FROM (SELECT y, arrayMap(a -> exp(a - m), z) AS es FROM (SELECT y, z, arrayMax(z) AS m FROM rows${classes})))`;

export const cases: readonly Case[] = [
  { name: 'reading two columns', per: 'row', ours: ofElements('sum(p), sum(t)') },
  {
    name: 'bce',
    per: 'row',
    ours: ofElements('avg(bce_loss(p, t))'),
    sql: ofElements('avg(-(t * greatest(log(p), -100) + (1 - t) * greatest(log1p(-p), -100)))'),
    formula: 'log1p, clamped',
  },
  {
    name: 'bceWithLogits',
    per: 'row',
    ours: ofElements('avg(bceWithLogits_loss(z, t))'),
    sql: ofElements('avg(greatest(z, 0) - z * t + log1p(exp(-abs(z))))'),
    formula: 'stable',
  },
  {
    name: 'bceWithLogits, gradient',
    per: 'row',
    ours: ofElements('avg(bceWithLogits_grad(z, t))'),
    sql: ofElements('avg(1 / (1 + exp(-z)) - t)'),
  },
  {
    name: 'mse',
    per: 'row',
    ours: ofElements('avg(mse_loss(z, t))'),
    sql: ofElements('avg((z - t) * (z - t))'),
  },
  {
    name: 'exactSum of a column',
    per: 'row',
    ours: ofElements(exactSum('z')),
    sql: ofElements('sum(z)'),
    formula: 'sum, which is not exact',
  },
  ...COUNTS.map(
    (classes): Case => ({
      name: `crossEntropy, ${classes} classes`,
      per: 'logit',
      ours: `SELECT avg(crossEntropy_loss(z, y)) FROM rows${classes}`,
      sql: `SELECT avg(log(arraySum(arrayMap(a -> exp(a - m), z))) + m - z[y + 1]) FROM (SELECT y, z, arrayMax(z) AS m FROM rows${classes})`,
      formula: 'stable',
    }),
  ),
  ...COUNTS.flatMap((classes): Case[] => {
    const ours = `SELECT sum(length(crossEntropy_grad(z, y))) FROM rows${classes}`;
    const name = `crossEntropy, gradient, ${classes} classes`;
    return [
      { name, per: 'logit', ours, sql: gradient(classes), formula: 'softmax − 1' },
      { name, per: 'logit', ours, sql: gradientOnce(classes), formula: 'exponentials kept' },
    ];
  }),
];
