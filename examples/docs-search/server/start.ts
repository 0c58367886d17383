import { dirname } from 'node:path'
import { openDataFolder } from './data-folder.ts'
import type { Settings } from './arguments.ts'
import { openLibrary } from './library.ts'
import type { Library } from './library.ts'
import { openSelector } from './selector.ts'
import { createSite } from './site.ts'
import type { Site } from './site.ts'
import { findUpstream } from './upstream.ts'
import type { Upstream } from './upstream.ts'
import type { Assets } from './assets.ts'

/** A site that is ready to be listened for. */
export interface Started {
  readonly site: Site
  /** Lets go of the ledger. */
  close(): Promise<void>
}

/** Reads the documents, looks for models, opens the ledger, and tells what it found. */
export async function start(settings: Settings, assets: Assets | null, tell: (line: string) => void): Promise<Started> {
  const [library, upstream] = await Promise.all([openFolder(settings.docs), findUpstream(process.env)])
  reportLibrary(library).forEach(tell)
  tell(reportUpstream(upstream))
  const selector = openSelector({ library, data: await openDataFolder(settings.data ?? undefined), upstream, runs: settings.runs })
  return { site: createSite({ library, selector, assets }), close: () => selector.close() }
}

/** @throws with the remedy where it is no folder */
export async function openFolder(docs: string | null): Promise<Library> {
  if (docs === null) return openLibrary()
  return openLibrary(docs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR' && error.syscall === 'scandir') throw new Error(`${docs} is a file, and --docs takes a folder. Give it the one that the file is in: --docs ${dirname(docs)}`)
    throw error.code === 'ENOENT' || error.code === 'ENOTDIR' ? new Error(`There is no folder ${docs}. Give --docs one that has Markdown in it.`) : error
  })
}

function reportLibrary({ documents, packages, index, skipped, took }: Library): string[] {
  const of = packages.size > 0 ? ` of ${packages.size} packages` : ''
  const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`
  if (documents.size === 0) return ['There is no Markdown in this folder, so nothing will be found.']
  const read = `Read ${documents.size} documents${of} in ${seconds(took.read)}; indexed ${index.passages} passages in ${seconds(took.index)}.`
  const named = skipped.slice(0, 3).map(({ path, reason }) => `${JSON.stringify(path)} (${reason})`).join(', ')
  return skipped.length > 0 ? [read, `Left out ${skipped.length}: ${named}${skipped.length > 3 ? ', …' : ''}`] : [read]
}

function reportUpstream(upstream: Upstream | null): string {
  if (!upstream) return 'AI answers are off until somebody asks. No generative model is set up: asked, they are quotes from the documents.'
  const names = { eco: 'Light', standard: 'Standard', max: 'Large' }
  const levels = Object.entries(upstream.models).map(([level, models]) => `${names[level as keyof typeof names]} ${models.map(model => typeof model === 'string' ? model : model.id).join(' or ')}`)
  return `AI answers are off until somebody asks. ${upstream.provider.id}: ${levels.join(', ') || 'no models'}.`
}
