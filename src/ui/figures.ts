/** Numbers and names as the panels show them. */

/** `93.4%`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** `5.5×10⁻⁵`. */
export function scientific(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const [digits, power] = value.toExponential(1).split('e') as [string, string];
  return `${digits.replace('-', '−')}×10${[...String(Number(power))].map((sign) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(sign)]).join('')}`;
}

/** A file's name from an experiment's: `Noisy scans` → `noisy-scans`. */
export function fileName(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase().replace(/[\u0300-\u036f]/g, '').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return plain.slice(0, 60) || 'priorscape';
}
