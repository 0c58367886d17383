import type { ModelSelector } from 'sparing/server'
import type { About, DocumentAnswer } from '../shared/api.ts'
import type { Assets } from './assets.ts'
import type { Library } from './library.ts'
import { search } from './search.ts'
import { basePath } from './selector.ts'

export interface SiteOptions {
  readonly library: Library
  readonly selector: ModelSelector
  /** What the page is made of; `null` while something else serves it. */
  readonly assets: Assets | null
}

export interface Site {
  fetch(request: Request): Promise<Response>
}

/** Everything on the one port: the model selector, the search, the documents, and the page. */
export function createSite({ library, selector, assets }: SiteOptions): Site {
  const about = aboutOf(library)
  async function route(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === basePath || pathname.startsWith(`${basePath}/`)) return selector.fetch(request)
    if (request.method !== 'GET' && request.method !== 'HEAD') return json({ error: 'This only answers GET.' }, 405, { allow: 'GET, HEAD' })
    switch (pathname) {
      case '/api/search': return json(search(searchParams.get('q') ?? '', library))
      case '/api/document': return documentRoute(searchParams.get('id') ?? '', library)
      case '/api/about': return json(about)
      default: return assets?.(pathname) ?? json({ error: 'There is nothing here.' }, 404)
    }
  }
  return { fetch: async request => guarded(await route(request)) }
}

function documentRoute(id: string, { documents }: Library): Response {
  const document = documents.get(id)
  return document ? json(document satisfies DocumentAnswer) : json({ error: 'There is no such document.' }, 404)
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })

const guards = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

function guarded(response: Response): Response {
  for (const [name, value] of Object.entries(guards)) response.headers.set(name, value)
  return response
}

/** The last two are look-ups, which results answer and no offer is made for; the others ask for an explanation. */
export const questions = ['how do I cancel a request with a timeout?', 'how does tree shaking decide what to remove?', 'how can I test a component in a real browser?', 'how does ky retry a failed request?', 'license of react', 'zod version']

/** Queries to begin with: of those that find something, or the first documents by their titles. */
function aboutOf(library: Library): About {
  const { documents, packages } = library
  const finds = (query: string) => search(query, library)
  const examples = packages.size > 0
    ? questions.filter(query => finds(query).facts || finds(query).results.length > 0)
    : [...new Set([...documents.values()].map(({ title }) => title))].filter(title => title.length <= 60).slice(0, 4)
  return { documents: documents.size, packages: packages.size, examples }
}
