import { dialects, guessDialect } from './dialects.ts'
import type { Dialect } from './dialects.ts'
import { isDeploymentStyle } from './completion-request.ts'
import type { Endpoint } from './completion-request.ts'

/** How to reach a server that speaks OpenAI's format. */
export interface EndpointOptions {
  /** Up to and with the version: `https://api.openai.com/v1`, `http://127.0.0.1:11434/v1`; of Azure also `https://….openai.azure.com`. */
  readonly baseURL: string
  readonly apiKey?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** What kind of server it is. @default guessed from the address; `generic` where it gives nothing away */
  readonly dialect?: Dialect
  /** The `api-version` that Azure's deployment addresses ask for, such as `2024-10-21`. */
  readonly apiVersion?: string
  readonly fetch?: typeof fetch
}

/**
 * Checks how a server is to be reached, once and before anything is asked.
 * @throws {TypeError} for an address, a key or a kind of server that no request can be made with
 */
export function endpointOf(options: EndpointOptions, who: string): Endpoint {
  const base = addressOf(options.baseURL, who)
  const dialect = options.dialect ?? guessDialect(base)
  if (!dialects.includes(dialect)) throw new TypeError(`${who} knows no dialect "${dialect}". Use one of ${dialects.join(', ')}.`)
  const apiVersion = options.apiVersion ?? null
  if (dialect === 'azure' && isDeploymentStyle(base.pathname) && !apiVersion && !base.searchParams.has('api-version')) {
    throw new TypeError(`${who} needs an "apiVersion" for Azure's deployment addresses, or it refuses every request. Give one such as "2024-10-21", or the address that ends in "/openai/v1".`)
  }
  return { base, dialect, apiVersion, headers: checked(headersOf(options, dialect), who) }
}

function addressOf(baseURL: string, who: string): URL {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url
  throw new TypeError(`The baseURL of ${who} is no address. Give one such as "https://api.openai.com/v1", without a name and password in it.`)
}

function headersOf({ apiKey, headers }: EndpointOptions, dialect: Dialect): Record<string, string> {
  const key = dialect === 'azure' ? { 'api-key': apiKey ?? '' } : { authorization: `Bearer ${apiKey}` }
  return { ...apiKey && key, ...headers }
}

/** As every transport takes them. A key with a line break in it would be refused at each run, with the key in the message. */
function checked(headers: Record<string, string>, who: string): Record<string, string> {
  const normal = normalised(headers)
  if (!normal) throw new TypeError(`The API key or a header of ${who} holds what no header may, such as a line break. Trim it.`)
  return normal
}

function normalised(headers: Record<string, string>): Record<string, string> | null {
  try {
    return Object.fromEntries(new Headers(headers))
  } catch {
    return null
  }
}

/** One's own machine: it sends no bill. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
