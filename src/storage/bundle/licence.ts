/**
 * Licences as the Hugging Face Hub's cards name them (huggingface.co/docs/hub/repositories-licenses). What a data set says of itself in free text becomes an
 * identifier of the Hub only where it is that licence and nothing else; anything longer is `other`, told in full in a file of its own.
 */

/** Identifiers of the Hub that data or weights may carry, besides `unknown` and `other`. */
export const HUB_LICENCES = [
  'apache-2.0', 'mit', 'afl-3.0', 'artistic-2.0', 'bsl-1.0', 'bsd-2-clause', 'bsd-3-clause', 'cc0-1.0', 'cc-by-2.0', 'cc-by-2.5', 'cc-by-3.0', 'cc-by-4.0',
  'cc-by-sa-3.0', 'cc-by-sa-4.0', 'cc-by-nc-2.0', 'cc-by-nc-3.0', 'cc-by-nc-4.0', 'cc-by-nd-4.0', 'cc-by-nc-nd-3.0', 'cc-by-nc-nd-4.0', 'cc-by-nc-sa-2.0',
  'cc-by-nc-sa-3.0', 'cc-by-nc-sa-4.0', 'cdla-sharing-1.0', 'cdla-permissive-1.0', 'cdla-permissive-2.0', 'c-uda', 'ecl-2.0', 'epl-2.0', 'etalab-2.0', 'eupl-1.1',
  'agpl-3.0', 'gpl-2.0', 'gpl-3.0', 'lgpl-2.1', 'lgpl-3.0', 'isc', 'mpl-2.0', 'odbl', 'odc-by', 'ofl-1.1', 'osl-3.0', 'pddl', 'unlicense', 'wtfpl', 'zlib',
] as const;

export interface CardLicence {
  license: string;
  /** Of `other`: a name and the file that says it. */
  license_name?: string;
  license_link?: string;
}

/** The file that holds what `other` stands for. */
export const LICENCE_FILE = 'LICENSE.md';

/** `text`: the licence as a data set states it; empty when it states none. */
export function cardLicence(text: string): CardLicence {
  const stated = text.trim();
  if (stated === '') return { license: 'unknown' };
  // “CC BY-SA 4.0” is cc-by-sa-4.0, and “MIT (Zalando SE)” is mit: names in brackets are whose it is.
  const plain = stated.replace(/\s*\([^)]*\)\s*$/, '').toLowerCase().replace(/\s+/g, '-');
  const known = HUB_LICENCES.find((one) => one === plain);
  if (known !== undefined) return { license: known };
  return { license: 'other', license_name: 'as-the-source-data-state', license_link: LICENCE_FILE };
}
