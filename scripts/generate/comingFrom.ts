// The tables of docs/coming-from.md. A row whose loss is not in the registry yet is named below its table, and moves up by itself.
import { readFileSync } from 'node:fs';
import { descriptors } from '../../src/losses/registry.ts';

export interface Translation {
  readonly theirs: string;
  readonly call: string;
  readonly difference?: string;
}

const row = (theirs: string, call: string, difference = ''): Translation => ({ theirs, call, difference });

const byElements = 'weights multiply rows after a mean over the last axis there, terms here';
const renormalised = 'Keras first divides the probabilities by their sum; here they are taken as they are';

/** In the page's words: x and t numbers, p probabilities, y targets from 0 to 1, sign ±1, a, b, c features, frames and counts lengths, groups labels of rows that are compared; the rest as named. */
export const translations: Readonly<Record<string, readonly Translation[]>> = {
  torch: [
    row('l1_loss', 'F.l1(x, t)', 'its mean with `weight` divides by Σw: that is `sampleWeight` here'),
    row('mse_loss', 'F.mse(x, t)', 'its mean with `weight` divides by Σw: that is `sampleWeight` here'),
    row('huber_loss', 'F.huber(x, t, { delta: 1 })', '`weight` as here: the mean divides by the count'),
    row('smooth_l1_loss', 'F.smoothL1(x, t, { beta: 1 })'),
    row('binary_cross_entropy', 'F.bce(p, y)'),
    row('binary_cross_entropy_with_logits', 'F.bceWithLogits(logits, y, { posWeight: 2 })'),
    row(
      'nll_loss',
      'F.nll(logProbs, labels, { ignoreIndex: -100 })',
      '`ignoreIndex` is −100 there unless given',
    ),
    row('cross_entropy', 'F.crossEntropy(logits, labels, { labelSmoothing: 0.1 })'),
    row(
      'linear_cross_entropy',
      'F.linearCrossEntropy(a, weights, labels, { linearBias, chunkRows: 64 })',
      '`batch_chunk_size` is `chunkRows`; weights of one head alone, [C, D]; `wrt` names the gradients',
    ),
    row(
      'kl_div',
      "F.klDiv(logProbs, probs, { reduction: 'batchmean' })",
      "'mean' divides by the elements in both; the divergence is 'batchmean'",
    ),
    row('gaussian_nll_loss', 'F.gaussianNll(x, t, variance)'),
    row('poisson_nll_loss', 'F.poissonNll(x, y)', '`log_input` is `logInput`'),
    row('soft_margin_loss', 'F.softMargin(x, sign)'),
    row('margin_ranking_loss', 'F.marginRanking(x, t, sign, { margin: 0.5 })'),
    row('triplet_margin_loss', 'F.tripletMargin(a, b, c)'),
    row(
      'triplet_margin_with_distance_loss',
      'F.marginRanking(farDistance, nearDistance, ones, { margin: 1 })',
      'a recipe: distances are yours, as are their gradients; for `swap`, farDistance is the least of both distances to the negative',
    ),
    row('cosine_embedding_loss', 'F.cosineEmbedding(a, b, rowSign)'),
    row(
      'cosine_similarity',
      "F.cosineDistance(a, b, { axis: -1, reduction: 'none' })",
      'this is 1 less it; `dim` is 1 unless given',
    ),
    row('hinge_embedding_loss', 'F.hingeEmbedding(x, sign)'),
    row('multi_margin_loss', 'F.multiMargin(logits, labels)'),
    row('multilabel_margin_loss', 'F.multilabelMargin(logits, labelLists)'),
    row('multilabel_soft_margin_loss', 'F.multilabelSoftMargin(logits, y)'),
    row(
      'ctc_loss',
      'F.ctc(logProbs, labels, frames, counts)',
      'the gradient there is that with respect to logits, to which `fromLogits` leads here',
    ),
  ],
  keras: [
    row('MeanAbsoluteError', 'F.l1(x, t)', byElements),
    row('MeanSquaredError', 'F.mse(x, t)', byElements),
    row('Huber(delta)', 'F.huber(x, t, { delta: 1 })', byElements),
    row('LogCosh', 'F.logCosh(x, t)', byElements),
    row('Poisson', 'F.poissonNll(p, y, { logInput: false, eps: 1e-7 })', byElements),
    row(
      'Hinge',
      "F.hinge(x, y, { labels: 'binary' })",
      'Keras takes labels for 0 and 1 where a whole batch is; here you say',
    ),
    row('SquaredHinge', "F.squaredHinge(x, y, { labels: 'binary' })", 'as `Hinge`'),
    row(
      'BinaryCrossentropy()',
      'F.bce(p, y, { eps: 1e-7 })',
      '`label_smoothing` ε: pass targets y(1 − ε) + ε/2',
    ),
    row('BinaryCrossentropy(from_logits=True)', 'F.bceWithLogits(logits, y)'),
    row(
      'CategoricalCrossentropy()',
      'F.crossEntropy(p, probs, { axis: -1, fromLogits: false, eps: 1e-7 })',
      renormalised,
    ),
    row('CategoricalCrossentropy(from_logits=True)', 'F.crossEntropy(logits, probs, { axis: -1 })'),
    row(
      'SparseCategoricalCrossentropy(from_logits=True, ignore_class)',
      'F.crossEntropy(logits, labels, { axis: -1, ignoreIndex: 0 })',
      'a row that is ignored is 0 in both, and the mean here divides by the others',
    ),
    row(
      'KLDivergence',
      "F.klDiv(logProbs, probs, { reduction: 'batchmean' })",
      'takes probabilities, clipped to [1e−7, 1]; here the input is their logarithm',
    ),
    row('CosineSimilarity', 'F.cosineDistance(a, b)', 'this is 1 more'),
    row('BinaryFocalCrossentropy(from_logits=True)', 'F.sigmoidFocal(logits, y, { gamma: 2 })'),
    row('MeanAbsolutePercentageError', 'F.mape(x, t)', byElements),
    row('MeanSquaredLogarithmicError', 'F.msle(p, y, { eps: 1e-7 })', byElements),
    row(
      'CategoricalFocalCrossentropy()',
      'F.categoricalFocal(p, probs, { axis: -1, alpha: 0.25, fromLogits: false, eps: 1e-7 })',
      renormalised,
    ),
    row('CategoricalHinge', 'F.categoricalHinge(x, t)'),
    row(
      'Dice',
      'F.dice({ ...p, shape: [1, 6, 1] }, { ...y, shape: [1, 6, 1] }, { fromLogits: false, smooth: 0, denominatorEps: 5e-8 })',
      'of all elements together, so that the batch is one sample; its `axis` are the positions',
    ),
    row(
      'Tversky(alpha, beta)',
      'F.dice({ ...p, shape: [1, 6, 1] }, { ...y, shape: [1, 6, 1] }, { fromLogits: false, alpha: 0.3, beta: 0.7, smooth: 0, denominatorEps: 1e-7 })',
      'as `Dice`',
    ),
    row('CategoricalGeneralizedCrossEntropy', 'F.generalizedCrossEntropy(p, labels)'),
    row('Circle', 'F.circle(a, labels)'),
    row(
      'CTC',
      'F.ctc(logits, labels, frames, counts, { fromLogits: true })',
      'frames are the first axis here, [frames, batch, classes]; its mean does not divide by the labels',
    ),
  ],
  optax: [
    row('squared_error', "F.mse(x, t, { reduction: 'none' })"),
    row('l2_loss', "F.mse(x, t, { reduction: 'none' })", 'half of this; `gradOutput: 0.5` for its gradient'),
    row('huber_loss', "F.huber(x, t, { delta: 1, reduction: 'none' })"),
    row('log_cosh', "F.logCosh(x, t, { reduction: 'none' })"),
    row('hinge_loss', "F.hinge(x, sign, { reduction: 'none' })"),
    row('sigmoid_binary_cross_entropy', "F.bceWithLogits(logits, y, { reduction: 'none' })"),
    row('softmax_cross_entropy', "F.crossEntropy(logits, probs, { axis: -1, reduction: 'none' })"),
    row(
      'softmax_cross_entropy_with_integer_labels',
      "F.crossEntropy(logits, labels, { axis: -1, reduction: 'none' })",
      '`where` is `mask`; an `axis` in the middle: reshape to (N, C, d)',
    ),
    row(
      'kl_divergence',
      "F.klDiv(logProbs, probs, { reduction: 'none' })",
      'summed over the last axis there',
    ),
    row(
      'kl_divergence_with_log_targets',
      "F.klDiv(logProbs, logProbs, { logTarget: true, reduction: 'none' })",
      'summed over the last axis there',
    ),
    row('cosine_distance', "F.cosineDistance(a, b, { reduction: 'none' })"),
    row('sigmoid_focal_loss', "F.sigmoidFocal(logits, y, { reduction: 'none' })"),
    row(
      'triplet_margin_loss',
      "F.tripletMargin(a, b, c, { reduction: 'none' })",
      'its norms are signed powers',
    ),
    row(
      'ranking_softmax_loss',
      'F.crossEntropy(logits, relevances, { axis: -1, mask })',
      'a recipe (listNet): relevances as targets, which are 0 where an item is masked',
    ),
    row('poly_loss_cross_entropy', 'F.polyCrossEntropy(logits, probs)'),
    row(
      'ctc_loss',
      "F.ctc(logits, labels, frames, counts, { fromLogits: true, reduction: 'none' })",
      'frames are the first axis here, and lengths stand in place of paddings',
    ),
    row('ntxent', 'F.ntxent(a, groups, { temperature: 0.07 })'),
    row(
      'dice_loss(apply_softmax=True)',
      "F.dice(logits, probs, { fromLogits: 'softmax' })",
      'the mean there is over classes alone, one for each sample; of one class it takes the sigmoid',
    ),
    row('dice_loss(apply_softmax=False)', 'F.dice(p, y, { fromLogits: false })', 'as above'),
    row(
      'binary_dice_loss',
      "F.dice({ ...logits, shape: [2, 3, 1] }, { ...y, shape: [2, 3, 1] }, { fromLogits: 'sigmoid' })",
    ),
    row(
      'multiclass_generalized_dice_loss',
      "F.dice(logits, probs, { fromLogits: 'softmax', classWeight: 'generalized' })",
    ),
  ],
  sklearn: [
    row(
      'metrics.mean_absolute_error',
      'F.l1(x, t)',
      '`sample_weight` is `sampleWeight`, with the same divisor',
    ),
    row(
      'metrics.mean_squared_error',
      'F.mse(x, t)',
      '`sample_weight` is `sampleWeight`, with the same divisor',
    ),
    row(
      'metrics.mean_absolute_percentage_error',
      'F.mape(x, t, { scale: 1, eps: 2 ** -52 })',
      'an array of f32 has an eps of f32',
    ),
    row('metrics.mean_squared_log_error', 'F.msle(p, y)'),
    row(
      'metrics.mean_tweedie_deviance',
      "F.halfTweedie(p, y, { power: 1.5, link: 'identity' })",
      'half of it; `mean_poisson_deviance` and `mean_gamma_deviance` are powers 1 and 2',
    ),
    row('metrics.mean_pinball_loss', 'F.pinball(x, t, { quantile: 0.9 })', '`alpha` is `quantile`'),
    row(
      'metrics.log_loss',
      'F.crossEntropy(p, labels, { axis: -1, fromLogits: false })',
      'clips probabilities to [eps, 1 − eps] there',
    ),
    row('metrics.hinge_loss, two classes', 'F.hinge(x, sign)'),
  ],
  segmentation: [
    row(
      'MONAI DiceLoss(sigmoid=True), TverskyLoss',
      "F.dice(logits, y, { fromLogits: 'sigmoid', axis: 1, smooth: 5e-6, denominatorEps: 0 })",
      'twice the fraction is smoothed by `smooth_nr` and `smooth_dr` there: `smooth` is half of the first, `denominatorEps` half of what the second is more; `include_background=False` is `ignoreBackground`; `batch=True`: move the batch to the positions',
    ),
    row(
      'MONAI DiceLoss(softmax=True, to_onehot_y=True)',
      "F.dice(logits, labels, { fromLogits: 'softmax', axis: 1, smooth: 5e-6 })",
    ),
    row(
      "segmentation_models_pytorch DiceLoss('multiclass')",
      "F.dice(logits, labels, { fromLogits: 'softmax', axis: 1, smooth: 0, denominatorEps: 5e-8 })",
      'sums over the batch there, and leaves out classes that no target has',
    ),
  ],
  tfjs: [
    row('losses.absoluteDifference', 'F.l1(x, t)'),
    row('losses.meanSquaredError', 'F.mse(x, t)'),
    row('losses.huberLoss', 'F.huber(x, t, { delta: 1 })'),
    row('losses.hingeLoss', "F.hinge(x, y, { labels: 'binary' })"),
    row('losses.logLoss', "F.bce(p, y, { eps: 1e-7, epsMode: 'add' })"),
    row(
      'losses.sigmoidCrossEntropy',
      'F.bceWithLogits(logits, y)',
      '`labelSmoothing` ε: pass targets y(1 − ε) + ε/2',
    ),
    row('losses.softmaxCrossEntropy', 'F.crossEntropy(logits, probs, { axis: -1, labelSmoothing: 0.1 })'),
    row('losses.cosineDistance', 'F.cosineDistance(a, b, { normalize: false })'),
  ],
  pairs: [
    row(
      'open_clip ClipLoss',
      'F.infoNce(a, b, { normalize: false, logitScale: 100 })',
      'its features are over their norms already; `normalize` does that here, where it is not false',
    ),
    row(
      'sentence-transformers MultipleNegativesRankingLoss',
      'F.infoNce(a, b, { symmetric: false, logitScale: 20 })',
      'hard negatives follow the rows of b that belong to those of a',
    ),
    row('sentence-transformers MultipleNegativesSymmetricRankingLoss', 'F.infoNce(a, b, { logitScale: 20 })'),
    row('pytorch-metric-learning NTXentLoss', 'F.ntxent(a, groups, { temperature: 0.07 })'),
    row(
      'lightly NTXentLoss',
      'F.ntxent(a, groups, { temperature: 0.5 })',
      'both views in one input, one below the other; labels are the pictures’ numbers',
    ),
  ],
};

const names = new Set(descriptors.map(({ name }) => name));
export const lossOf = (call: string): string => /^F\.(\w+)/.exec(call)![1];
export const isHere = ({ call }: Translation): boolean => names.has(lossOf(call));

const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(rows: readonly Translation[]): string {
  const here = rows.filter(isHere);
  const missing = rows.filter((r) => !isHere(r)).map(({ theirs }) => `\`${theirs}\``);
  return [
    '| there | here | difference |',
    '|---|---|---|',
    ...here.map(
      ({ theirs, call, difference = '' }) => `| \`${theirs}\` | \`${call}\` | ${cell(difference)} |`,
    ),
    ...(missing.length > 0 ? ['', `Not yet: ${missing.join(', ')}.`] : []),
  ].join('\n');
}

/** Every loss of here with those of its own record. */
function losses(): string {
  const called = Object.values(translations).flat();
  const rows = descriptors.map(({ name, like }) => {
    const own = Object.values(like).map((there) => `\`${there}\``);
    const count = called.filter(({ call }) => lossOf(call) === name).length;
    return `| [\`${name}\`](losses.md#${name.toLowerCase()}) | ${own.join(', ')} | ${count} |`;
  });
  return ['| loss | of the same meaning | rows above |', '|---|---|---|', ...rows].join('\n');
}

/** docs/coming-from.md with its tables brought up to date. */
export function comingFromSource(): string {
  const text = readFileSync(new URL('../../docs/coming-from.md', import.meta.url), 'utf8');
  const parts: Record<string, string> = {
    losses: losses(),
    ...Object.fromEntries(Object.entries(translations).map(([name, rows]) => [name, table(rows)])),
  };
  return text.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- \/\1 -->/g, (whole, name: string) =>
    parts[name] ? `<!-- ${name} -->\n${parts[name]}\n<!-- /${name} -->` : whole,
  );
}
