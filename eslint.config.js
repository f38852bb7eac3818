/**
 * Lint: strict TypeScript, the rules of React's hooks, and the order of folders: a folder imports only from folders
 * above it in FOLDERS (ARCHITECTURE.md says what each holds).
 */
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export const FOLDERS = ['core', 'data', 'model', 'engine', 'posterior', 'prior', 'inference', 'measure', 'experiment', 'storage', 'worker', 'ui', 'cli'];

const order = FOLDERS.map((folder, i) => ({
  files: [`src/${folder}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: FOLDERS.slice(i + 1).length === 0 ? [] : [{
        regex: `^(\\.\\./)+(${FOLDERS.slice(i + 1).join('|')})/`,
        message: `src/${folder} may import only from: ${[...FOLDERS.slice(0, i), folder].join(', ')}.`,
      }],
    }],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'out/', 'test-results/', 'src/cli/glyphs/node_modules/'] },
  ...tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'src/cli/setup.js'] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess makes `!` the way to say "in range"
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false, fixStyle: 'inline-type-imports' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  { files: ['src/ui/**/*.{ts,tsx}'], ...reactHooks.configs.flat['recommended-latest'] },
  ...order,
);
