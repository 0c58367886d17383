const addresses = new WeakMap<Request, string>()

/** Notes where a request came from, for whoever answers it. Beside the request and not in a header, which anybody could send. */
export const noteAddress = (request: Request, address: string): void => void addresses.set(request, address)

/** Where a request came from, if whoever listened noted it on this very object; a copy of a request has no address. */
export const clientAddress = (request: Request): string | null => addresses.get(request) ?? null

/**
 * Where callers come from. Says once, in production, that nobody knows: all anonymous people then share
 * the pot of one network.
 */
export function addressFinder({ address, production, onError }: { address: (request: Request) => string | null; production: boolean; onError: (error: unknown) => void }): (request: Request, anonymous: boolean) => string | null {
  let said = !production
  return (request, anonymous) => {
    const found = address(request)
    if (anonymous && !found && !said) {
      said = true
      onError(new Error('Nobody knows which network anonymous callers come from, so all of them share the allowance of one. Listen with sparing/server/node, or set the option "address".'))
    }
    return found
  }
}
