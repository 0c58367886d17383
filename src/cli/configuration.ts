import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
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
  if (!statSync(path).isFile()) throw new Error(`${path} is a folder, so there is no configuration in its place. Name the file with --config, such as ${join(path, defaultConfiguration)}.`)
  if (!/\.[cm]?[jt]s$/.test(path)) throw new Error(`${path} is no module, so no options can be read from it. Write it as ${defaultConfiguration}, whose default export is the options of createModelSelector.`)
  const module = await import(pathToFileURL(path).href).catch((error: unknown) => { throw unreadable(path, error) }) as { default?: ModelSelectorOptions }
  if (!module.default?.features || !module.default.providers) throw new Error(`${path} has no default export with "features" and "providers". Export the options of createModelSelector from it.`)
  return module.default
}

/** What a module failed with, which says of itself neither where that was nor what follows. */
function unreadable(path: string, error: unknown): Error {
  const said = error instanceof Error ? error.message.split('\n')[0]! : String(error)
  const what = error instanceof SyntaxError ? 'cannot be read' : 'cannot be used'
  return new Error(`${path} ${what}: ${said.replace(/[.]?$/, '.')} Nothing was started; correct the file and start again.`, { cause: error })
}
