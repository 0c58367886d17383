import { learnedModelOf, learnedOf, newModel } from '../catalog/lessons.ts'
import type { LearnedModel } from '../catalog/lessons.ts'
import type { Catalog, ReachableFeature } from '../core/index.ts'
import type { AdequacyState } from '../routing/index.ts'
import { adequacyOf } from './adequacy-facts.ts'
import type { Outcomes } from './adequacy-keeper.ts'
import { modelName } from './health.ts'
import type { LessonsKeeper } from './lessons-keeper.ts'

/** What runs and people taught, as the catalog tells it. */
export interface Learned {
  /** One more each time that what is told changes; 0 where nothing is. */
  readonly revision: number
  readonly features: Readonly<Record<string, LearnedFeature>>
  /** By `provider/model`. */
  readonly models: Readonly<Record<string, LearnedModel>>
}

type LearnedFeature = Pick<ReachableFeature, 'lengths' | 'count' | 'spread' | 'adequacy'>
type Facts = Omit<Learned, 'revision'>
type Heard = Readonly<Record<string, AdequacyState>>
/** What is configured. */
type Base = Pick<Catalog, 'features' | 'models'>

/** This server's knowledge of what was learned, which stands in the ledger's engine. */
export interface LearnedKeeper {
  /** As it is told now. Never rejects: what cannot be read now is told as it was. */
  current(): Promise<Learned>
  /** What people said of a feature's models, as it was last read. */
  heard(feature: string): AdequacyState
}

/** Milliseconds that what was read is believed. */
const fresh = 5_000

interface KeeperOptions {
  readonly base: Base
  readonly lessons: LessonsKeeper
  readonly outcomes: Outcomes
  readonly now: () => number
}

/**
 * Reads what was learned now and then, by this server and others, and tells it anew only where that
 * makes a difference: each time the catalog has another version, which every browser fetches.
 */
export function keepLearned({ base, lessons, outcomes, now }: KeeperOptions): LearnedKeeper {
  let told: Learned = { revision: 0, features: {}, models: configured(base) }
  let heard: Heard = {}
  let looked = -Infinity
  let looking: Promise<void> | null = null

  async function look(): Promise<void> {
    looked = now()
    heard = await heardOf(base, outcomes)
    const found = await factsOf(base, lessons, heard, looked)
    if (hasMoved(told, found)) told = { ...found, revision: told.revision + 1 }
  }
  return {
    async current() {
      // Whoever reads the policy has just told of a ledger that fails.
      if (Math.abs(now() - looked) >= fresh) looking = look().catch(() => {}).finally(() => { looking = null })
      await looking
      return told
    },
    heard: feature => Object.hasOwn(heard, feature) ? heard[feature]! : {},
  }
}

async function heardOf({ features }: Base, outcomes: Outcomes): Promise<Heard> {
  return Object.fromEntries(await Promise.all(Object.keys(features).map(async name => [name, await outcomes.ofFeature(name)] as const)))
}

async function factsOf({ features, models }: Base, lessons: LessonsKeeper, heard: Heard, now: number): Promise<Facts> {
  const [ofFeatures, ofModels] = await Promise.all([
    Promise.all(Object.entries(features).map(async ([name, feature]) => {
      return [name, { ...learnedOf(feature, await lessons.ofFeature(name), models), ...adequacyOf(feature, heard[name]!, models, now) }] as const
    })),
    Promise.all(models.filter(isGenerative).map(async model => [modelName(model), learnedModelOf(model, await lessons.ofModel(model), now)] as const)),
  ])
  return { features: Object.fromEntries(ofFeatures), models: Object.fromEntries(ofModels) }
}

const isGenerative = ({ kind }: Base['models'][number]) => kind === 'generative'

/** Of models of which nothing was learned. */
const configured = ({ models }: Base): Learned['models'] =>
  Object.fromEntries(models.filter(isGenerative).map(model => [modelName(model), learnedModelOf(model, newModel, 0)]))

/** Whether anything is to be told anew. */
function hasMoved(told: Facts, found: Facts): boolean {
  return differ(told.models, found.models, byTenth) || Object.entries(found.features).some(([name, { adequacy, ...lengths }]) => {
    const { adequacy: before, ...others } = told.features[name] ?? {}
    return differ(others, lengths, byTenth) || differ(before, adequacy, byChance)
  })
}

type Threshold = (before: number, after: number, field: string) => boolean

const byTenth: Threshold = (before, after) => Math.abs(after - before) > 0.1 * Math.max(before, after)

/** A chance is compared with a bar, to which it may be near. */
const byChance: Threshold = (before, after, field) => field === 'evidence' ? byTenth(before, after, field) : Math.abs(after - before) > 0.01

/** Whether any figure moved by more than it may, or one came or went. */
function differ(before: unknown, after: unknown, isFar: Threshold, field = ''): boolean {
  if (typeof before === 'number' && typeof after === 'number') return isFar(before, after, field)
  if (!isObject(before) || !isObject(after)) return (before ?? null) !== (after ?? null)
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].some(key => differ(before[key], after[key], isFar, key))
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
