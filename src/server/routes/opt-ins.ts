import { hasLapsed, SparingError } from '../../core/index.ts'
import type { OptIn } from '../../core/index.ts'
import { checkOrigin, noStore, readJson } from '../http.ts'
import type { Identity } from '../identity.ts'
import { changeOptIns, checkNotRevoked, optInsAnswer, optInsOf, withoutFeatures, withRecord } from '../opt-ins.ts'
import { parseOptIn } from '../parse.ts'
import type { Service } from '../service.ts'

/** `GET /v1/opt-ins` */
export async function readOptInsRoute(service: Service, request: Request): Promise<Response> {
  const { key } = await signedIn(service, request)
  return noStore(optInsAnswer(await optInsOf(service.settings.ledger, key, service.settings.now())))
}

/** `PUT /v1/opt-ins`: one record, in place of the feature's earlier one. One that was given without knowing of its revocation revives nothing. */
export async function keepOptInRoute(service: Service, request: Request): Promise<Response> {
  const { settings: { ledger, maxBody, features, now } } = service
  checkPage(service, request)
  const optIn = parseOptIn(await readJson(request, maxBody))
  const { key } = await signedIn(service, request)
  if (!Object.hasOwn(features, optIn.feature)) throw unknownFeature(optIn.feature)
  checkStands(optIn, now())
  const kept = await changeOptIns(ledger, key, now(), stored => {
    checkNotRevoked(optIn, stored)
    return withRecord(stored, optIn)
  })
  return noStore(optInsAnswer(kept))
}

/**
 * `DELETE /v1/opt-ins`, of one feature or of all: also where nothing is kept, because a device may hold
 * a record that was never sent.
 */
export async function revokeOptInsRoute(service: Service, request: Request, feature?: string): Promise<Response> {
  const { settings: { ledger, features, now } } = service
  checkPage(service, request)
  const { key } = await signedIn(service, request)
  const kept = await changeOptIns(ledger, key, now(), stored => {
    const known = new Set([...Object.keys(features), ...stored.records.map(each => each.feature), ...stored.revoked.map(each => each.feature)])
    if (feature !== undefined && !known.has(feature)) throw unknownFeature(feature)
    return withoutFeatures(stored, feature === undefined ? [...known] : [feature], now())
  })
  return noStore(optInsAnswer(kept))
}

/** A session ends with its page and is kept for its 12 hours, so that it takes the place of an earlier word; a single run is over when it is. */
function checkStands(optIn: OptIn, now: number): void {
  if (optIn.scope === 'once') throw new SparingError('invalid-request', 'An opt-in for a single run goes with its run and is not kept. Send it with POST /v1/run only.', { field: 'scope' })
  if (hasLapsed(optIn, now)) throw new SparingError('invalid-request', 'The opt-in has lapsed, or claims to come from the future, so it was not kept. Ask the person anew.', { field: 'at' })
}

/** The host may go by a cookie of its own, which another site's page would send too. */
function checkPage({ settings: { origins } }: Service, request: Request): void {
  if (request.headers.has('cookie')) checkOrigin(request, origins)
}

const unknownFeature = (name: string) => new SparingError('unknown-feature', `There is no feature "${name.slice(0, 64)}" here. Nothing was changed; check its name.`)

/** What strangers agree to stays on their device: kept under an account it would be somebody's who never said it. */
async function signedIn({ identities }: Service, request: Request): Promise<Identity> {
  const identity = await identities.of(request)
  if (identity && !identity.anonymous) return identity
  throw new SparingError('identity-required', 'Only opt-ins of people who are signed in are kept here. Keep this one on the device; it counts there as it does here.')
}
