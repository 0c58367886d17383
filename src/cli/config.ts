import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { ModelSelectorOptions } from '../server/index.ts'

/**
 * The options that a configuration file exports.
 * @param path absolute
 * @throws {Error} with a sentence for whoever wrote the command
 */
export async function optionsFrom(path: string): Promise<ModelSelectorOptions> {
  if (!existsSync(path)) throw new Error(`There is no configuration at ${path}. Write one that default-exports the options of createModelSelector, or name another with --config.`)
  const module = await import(pathToFileURL(path).href) as { default?: ModelSelectorOptions }
  if (!module.default?.features || !module.default.providers) throw new Error(`${path} has no default export with "features" and "providers". Export the options of createModelSelector from it.`)
  return module.default
}
