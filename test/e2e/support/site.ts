import { build } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { createModelSelector } from '../../../src/server/index.ts'
import type { ModelSelector, ModelSelectorOptions } from '../../../src/server/index.ts'
import { listen } from '../../../src/server/node/index.ts'

/** A page with one script, and a model selector under `/api/ai`, on one origin as a product has them. */
export interface Site {
  readonly url: string
  /** Paths of all requests, in order. */
  readonly requests: readonly string[]
  readonly modelSelector: ModelSelector
  close(): Promise<void>
}

export interface SiteOptions {
  /** The page's script, a module in TypeScript that imports from `./src/…`. */
  readonly script: string
  readonly server: Omit<ModelSelectorOptions, 'basePath'>
  /** @default any that is free */
  readonly port?: number
}

export async function startSite({ script, server, port = 0 }: SiteOptions): Promise<Site> {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const bundle = await build({ stdin: { contents: script, resolveDir: root, loader: 'ts' }, bundle: true, format: 'esm', write: false })
  const code = bundle.outputFiles[0]!.text
  const modelSelector = createModelSelector({ ...server, basePath: '/api/ai' })
  const requests: string[] = []
  const listener = await listen({
    fetch(request) {
      const { pathname } = new URL(request.url)
      requests.push(`${request.method} ${pathname}`)
      if (pathname.startsWith('/api/ai')) return modelSelector.fetch(request)
      const isScript = pathname === '/page.js'
      return new Response(isScript ? code : '<!doctype html><html lang="en"><title>Page</title><script type="module" src="/page.js"></script>', {
        headers: { 'content-type': isScript ? 'text/javascript' : 'text/html' },
      })
    },
  }, { port })
  return {
    url: listener.url, requests, modelSelector,
    async close() {
      await listener.close(0)
      await modelSelector.close()
    },
  }
}
