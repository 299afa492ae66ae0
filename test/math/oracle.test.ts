import { describe, expect, it } from 'vitest';
import { dd, subtract } from './doubleDouble.ts';
import { exp, expm1, log, log1p, sigmoid, softplus, tanh, ulpsFrom, type Wide } from './oracle.ts';

/** f(x) to 32 digits (by mpmath) as a sum of two f64. */
const VALUES: [f: (x: number) => Wide, x: number, high: number, low: number][] = [
  [exp, 2, 7.38905609893065, -1.7971139497839148e-16],
  [exp, -0.3, 0.7408182206817179, -1.805530505953e-18],
  [exp, -20.5, 1.2501528663867426e-9, 6.448235878237776e-26],
  [expm1, -0.3, -0.2591817793182821, -1.805530505953e-18],
  [expm1, 0.4, 0.49182469764127035, 3.4465650470333193e-18],
  [expm1, -5, -0.9932620530009145, -8.577826438071882e-18],
  [expm1, 3, 19.085536923187668, -1.8275625525512858e-16],
  [log, 3, 1.0986122886681098, -9.07129723500153e-17],
  [log, 1.0000000000000002, 2.2204460492503128e-16, 3.649214750845877e-48],
  [log, 0.7, -0.35667494393873245, 4.82556379937662e-18],
  [log1p, -0.26, -0.3011050927839216, -1.3333026714985562e-17],
  [log1p, 0.44, 0.36464311358790924, 1.3962241565814806e-17],
  [log1p, 1e-9, 9.999999995e-10, 7.493897403823754e-26],
  [log1p, 1000000000.0, 20.72326583794641, 6.276142870575942e-16],
  [sigmoid, -3, 0.04742587317756678, -1.793305391834216e-19],
  [sigmoid, 3, 0.9525741268224333, -3.451513898035272e-17],
  [softplus, -3, 0.04858735157374206, -2.8911149045062954e-18],
  [softplus, 3, 3.048587351573742, 4.047778999400933e-18],
  [softplus, -50, 1.9287498479639178e-22, -3.754628707503889e-39],
  [tanh, 0.1, 0.09966799462495582, 3.542433877641546e-18],
  [tanh, -1, -0.7615941559557649, -3.7090214482164924e-17],
  [tanh, 8, 0.9999997749296758, 4.556169644130666e-17],
];

describe('the oracle', () => {
  it.each(VALUES)('%o of %d to 2^-80', (f, x, high, low) => {
    const { value, exponent } = f(x);
    const difference = subtract([value[0] * 2 ** exponent, value[1] * 2 ** exponent], [high, low]);
    expect(Math.abs(difference[0] / high)).toBeLessThan(2 ** -80);
  });

  it('measures in units of the last place', () => {
    expect(ulpsFrom(1, { value: dd(1), exponent: 0 })).toBe(0);
    expect(ulpsFrom(1 + 2 ** -52, { value: dd(1), exponent: 0 })).toBe(1);
    expect(ulpsFrom(1 - 2 ** -53, { value: dd(1), exponent: 0 })).toBe(0.5);
    expect(ulpsFrom(3, { value: [3, 2 ** -53], exponent: 0 })).toBe(0.25);
    expect(ulpsFrom(2 ** -1074, { value: dd(1), exponent: -1073 })).toBe(1);
    expect(ulpsFrom(Number.MAX_VALUE, { value: dd(1), exponent: 1024 })).toBe(0.5);
  });
});
