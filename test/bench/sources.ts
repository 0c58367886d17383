import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { sourceAlias } from '../setup/source-alias.ts'

// Imported for its effect: whoever imports the demo's server after it measures the sources, not the last build.
registerHooks({
  resolve(specifier, context, next) {
    const source = sourceAlias.find(({ find }) => find.test(specifier))?.replacement
    return next(source ? pathToFileURL(source).href : specifier, context)
  },
})
