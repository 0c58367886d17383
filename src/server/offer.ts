import { resolveFeature } from '../core/index.ts'
import type { Features } from '../core/index.ts'
import { drawOf } from './identity.ts'
import type { Identity, Signer } from './identity.ts'

/**
 * The features that are not offered to somebody, because only a share of people is: for them a feature
 * is `observe`, its baseline and nothing else. Who belongs to the share is a keyed hash of feature and
 * identity: the same on every server and visit, another for every feature, and a greater share only adds
 * people. Somebody nobody knows yet belongs to none.
 */
export async function hiddenFrom(identity: Identity | null, features: Features, sign: Signer): Promise<readonly string[]> {
  const partial = Object.entries(features).filter(([, feature]) => resolveFeature(feature).percent < 100)
  const places = await Promise.all(partial.map(([name]) => identity ? placeOf(name, identity, sign) : 100))
  return partial.flatMap(([name, feature], index) => places[index]! < resolveFeature(feature).percent ? [] : [name])
}

/** Where somebody stands among all people for a feature, from 0 to below 100. */
const placeOf = async (feature: string, { key }: Identity, sign: Signer): Promise<number> =>
  100 * await drawOf(JSON.stringify(['percent', feature, key]), sign)
