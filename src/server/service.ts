import type { Catalog } from '../core/index.ts'
import type { Outcomes } from './adequacy-keeper.ts'
import { limitedUnits, potsOf } from './budgets.ts'
import type { Draw } from './budgets.ts'
import type { BaseCatalog, Catalogs } from './catalog.ts'
import type { Health } from './health.ts'
import type { Identities, Identity, Signer } from './identity.ts'
import type { Keyring } from './keyring.ts'
import type { LearnedKeeper } from './learned.ts'
import type { LessonsKeeper } from './lessons-keeper.ts'
import type { Needs } from './needs.ts'
import type { Settings } from './options.ts'
import { hiddenFrom } from './offer.ts'
import type { InForce } from './policy.ts'
import type { PolicyKeeper } from './policy-keeper.ts'
import type { ReceiptKeys } from './receipt-keys.ts'
import type { RunsUnderWay } from './runs-under-way.ts'
import type { TokenCounts } from './token-counts.ts'
import { outOfReach } from './unknown-figures.ts'

/** What every route goes by. */
export interface Service {
  readonly settings: Settings
  readonly base: BaseCatalog
  readonly identities: Identities
  /** `null` where no API keys are configured. */
  readonly keys: Keyring | null
  readonly sign: Signer
  readonly policy: PolicyKeeper
  readonly catalogs: Catalogs
  readonly health: Health
  readonly receiptKeys: ReceiptKeys
  readonly outcomes: Outcomes
  readonly lessons: LessonsKeeper
  readonly learned: LearnedKeeper
  readonly counts: TokenCounts
  readonly needs: Needs
  readonly runs: RunsUnderWay
  /** Where a request came from; `null` where nobody knows. */
  addressOf(request: Request, anonymous: boolean): string | null
}

/** What stands for one caller now. */
export interface Standing {
  readonly policy: InForce
  readonly catalog: Catalog
}

export async function standingFor({ base, settings: { timeZone }, policy, catalogs, learned, sign }: Service, identity: Identity | null, inForceNow = policy.current()): Promise<Standing> {
  const [inForce, facts] = await Promise.all([inForceNow, learned.current()])
  const features = await hiddenFrom(identity, inForce.features, sign)
  const models = outOfReach(base.models, base.features, { identity: identity ?? nobody, budgets: inForce.budgets, timeZone })
  return { policy: inForce, catalog: await catalogs.under(inForce, { features, models }, facts) }
}

/** The units that the budgets of a run limit. */
export const limitedFor = ({ settings }: Service, draw: Draw, { budgets }: InForce): ReturnType<typeof limitedUnits> =>
  limitedUnits(potsOf(draw, budgets, settings.timeZone))

/** Stands in for somebody who has no identity yet. */
export const nobody: Identity = { key: '', anonymous: true, caller: { user: '' } }

/** An identity for somebody who has none. It comes before a run that costs, never with it. */
export async function identified({ identities }: Service, request: Request): Promise<{ identity: Identity; headers: Record<string, string> }> {
  const known = await identities.of(request)
  if (known) return { identity: known, headers: {} }
  const { identity, cookie } = await identities.issue(request)
  return { identity, headers: { 'set-cookie': cookie } }
}
