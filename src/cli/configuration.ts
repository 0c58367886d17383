import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ModelSelectorOptions } from '../server/index.ts'

/** Where a configuration is looked for unless another is named. */
export const defaultConfiguration = 'sparing.config.mjs'

/**
 * The options of a configuration file.
 * @throws {Error} with a sentence for whoever named it
 */
export async function optionsFrom(file: string): Promise<ModelSelectorOptions> {
  const path = resolve(file)
  if (!existsSync(path)) throw new Error(`There is no configuration at ${path}. Write one that default-exports the options of createModelSelector, or name another with --config.`)
  const module = await import(pathToFileURL(path).href) as { default?: ModelSelectorOptions }
  if (!module.default?.features || !module.default.providers) throw new Error(`${path} has no default export with "features" and "providers". Export the options of createModelSelector from it.`)
  return module.default
}
