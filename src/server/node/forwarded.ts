import { BlockList, isIP } from 'node:net'

/**
 * Who may say where a request came from: so many proxies in a row before this server, or those at
 * these addresses and networks (`10.0.0.0/8`).
 */
export type TrustProxy = number | readonly string[]

export interface ForwardedOptions {
  readonly trustProxy: TrustProxy
  /** The header that the proxies write. Only one, because proxies pass on the other as anybody sent it. */
  readonly header: 'x-forwarded-for' | 'forwarded'
}

/**
 * Finds the client's address behind proxies. Read from the right, where the nearest proxy wrote: what
 * stands further left than the trusted ones may be invented by anybody.
 * @returns a function of the connection's address and the header; it ends at the last address that is one
 * @throws {TypeError} for what names no proxies
 */
export function clientBehind({ trustProxy, header }: ForwardedOptions): (socket: string, value: string | undefined) => string {
  const isTrusted = typeof trustProxy === 'number' ? hops(trustProxy) : among(trustProxy)
  const listed = header === 'forwarded' ? forwardedFor : (value: string) => value.split(',')
  return (socket, value) => {
    let client = socket
    for (const [hop, entry] of listed(value ?? '').toReversed().entries()) {
      const address = addressIn(entry)
      if (address === null || !isTrusted(client, hop)) break
      client = address
    }
    return client
  }
}

type IsTrusted = (address: string, hop: number) => boolean

function hops(count: number): IsTrusted {
  if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`trustProxy is ${count}, and no number of proxies. Give how many stand in a row before this server, or their addresses.`)
  return (_, hop) => hop < count
}

function among(networks: readonly string[]): IsTrusted {
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', bits, more] = network.split('/')
    const version = isIP(address)
    const prefix = bits === undefined ? version === 4 ? 32 : 128 : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity
    if (version === 0 || more !== undefined || prefix > (version === 4 ? 32 : 128)) throw new TypeError(`"${network}" in trustProxy is no address and no network. Write it as "10.0.0.0/8" or "192.0.2.7".`)
    trusted.addSubnet(address, prefix, familyOf(version))
  }
  return address => trusted.check(plain(address), familyOf(isIP(plain(address))))
}

const familyOf = (version: number) => version === 6 ? 'ipv6' : 'ipv4'

/** IPv4 as it is written within IPv6 is IPv4. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

/**
 * The `for` of every element of a `Forwarded` header (RFC 7239), in order; '' where it has none. Cut at
 * every comma, in quotes or not: a quote that a client left open must not swallow what a proxy added.
 */
const forwardedFor = (value: string): string[] =>
  value.split(',').map(element => /(?:^|;)\s*for=(?:"([^"]*)"|([^;"\s]*))/i.exec(element)?.slice(1).find(Boolean) ?? '')

/** The address of an entry, without a port; `null` for what is none, such as `unknown`. */
function addressIn(entry: string): string | null {
  const text = entry.trim()
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text
  return isIP(bare) > 0 ? plain(bare) : null
}
