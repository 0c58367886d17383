// What a page imports it loads at once; what it loads by `import()` comes later, for an offer or at a press.
const atOnce = config => ({ ...config, plugins: [...config.plugins ?? [], withoutLater] })
const withoutLater = {
  name: 'without-later',
  setup: build => build.onResolve({ filter: /^/ }, ({ kind, path }) => kind === 'dynamic-import' ? { path, external: true } : undefined),
}

const createAI = { 'dist/index.js': '{ createAI }' }
/** Every component and hook, in the language they speak by themselves. */
const components = { 'dist/react.js': '{ AIProvider, BudgetMeter, controlState, CostHint, EnergyStars, messagesOf, OptIn, ReasoningToggle, Receipt, TierPicker, useAI, useBudget, useEstimate, useOptIn, useReceipt, useRun }' }
const ignore = ['react', 'react-dom']

export default [
  { name: 'sparing: createAI, at once: stores, estimates, tokeniser', import: createAI, limit: '26 kB', modifyEsbuildConfig: atOnce },
  { name: 'sparing: createAI, with what comes later: ky, stream parser, runs', import: createAI, limit: '42.7 kB' },
  { name: 'sparing with every component of sparing/react, at once', import: { ...createAI, ...components }, ignore, limit: '44.8 kB', modifyEsbuildConfig: atOnce },
  { name: 'sparing with every component of sparing/react, with what comes later', import: { ...createAI, ...components }, ignore, limit: '61.6 kB' },
  { name: 'sparing/baseline: summarize', path: 'dist/baseline.js', import: '{ summarize }', limit: '16.1 kB' },
  { name: 'sparing/catalog, with its table of models: for servers and tools', path: 'dist/catalog.js', import: '*', limit: '20 kB' },
  { name: 'sparing/routing', path: 'dist/routing.js', import: '{ choose, classify, difficultyOf, needOf }', limit: '10.6 kB' },
  { name: 'sparing/protocol', path: 'dist/protocol.js', import: '*', limit: '15 kB' },
  { name: 'sparing/react: styles.css', path: 'dist/styles.css', limit: '2.6 kB' },
].map(check => ({ ...check, gzip: true }))
