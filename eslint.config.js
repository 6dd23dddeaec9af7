// Lint rules: typescript-eslint's strict set, with types. Zero warnings (`npm run check`).
// Who may import whom is a test of its own: test/import-rules.node.test.ts.
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    'dist',
    'out',
    'src/linalg/wasm/kernels.ts',
    'src/linalg/wasm/row-kernels.ts',
    'eslint.config.js',
    '.puppeteerrc.cjs',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreUsingDeclarations: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Types promise more than the world keeps: browsers without WebGPU, older adapters, callers in plain JavaScript.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
      // An index that a loop keeps in range is the one place for `!`: data[i]! says it, anything else must be checked.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TSNonNullExpression:not(:has(> MemberExpression[computed=true]))',
          message: 'No `!` but on an element access (data[i]!). Check the value, or make its type say that it exists.',
        },
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression',
          message: 'No object literal spread into another: write its properties.',
        },
        {
          selector:
            ':matches(VariableDeclarator[id.type="ArrayPattern"][init.type="ArrayExpression"], AssignmentExpression[left.type="ArrayPattern"][right.type="ArrayExpression"])',
          message: 'No array literal taken apart: one statement for each name.',
        },
      ],
    },
  },
  // JSDoc types, which tsc checks and the linter does not see.
  { files: ['**/*.mjs'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
);
