import { isFeatureLessons, isModelLessons, learnModel, learnRun, newModel, noLessons } from '../catalog/lessons.ts'
import type { FeatureLessons, ModelLessons, SettledRun } from '../catalog/lessons.ts'
import type { ReachableModel } from '../core/index.ts'
import { gatherWrites } from './gathered-writes.ts'
import type { Documents } from './ledger/change-document.ts'
import { lessonsKey, paceKey } from './ledger/keys.ts'

/** What runs teach of lengths, paces and energy: a document for each feature and one for each model, in the ledger's engine. */
export interface LessonsKeeper {
  /** Takes in a run that ended. No run waits for it, or fails by it. */
  learn(feature: string, run: SettledRun): void
  /** @throws {SparingError} `ledger-unavailable` */
  ofFeature(feature: string): Promise<FeatureLessons>
  /** @throws {SparingError} `ledger-unavailable` */
  ofModel(model: Pick<ReachableModel, 'id' | 'provider'>): Promise<ModelLessons>
  /** Writes what was taken in until now; never rejects. */
  flush(): Promise<void>
}

interface KeeperOptions {
  readonly ledger: Documents
  readonly onError: (error: unknown) => void
}

export function keepLessons({ ledger, onError }: KeeperOptions): LessonsKeeper {
  const writes = gatherWrites({ ledger, onError })
  const valueOf = async (key: string) => (await ledger.document(key))?.value
  return {
    learn(feature, run) {
      const { provider, model: id, tier } = run.receipt.choice
      if (tier === 'baseline') return
      writes.add(lessonsKey(feature), value => learnRun(lessonsIn(value), run))
      if (run.seconds) writes.add(paceKey({ provider, id }), value => learnModel(modelIn(value), run))
    },
    ofFeature: async feature => lessonsIn(await valueOf(lessonsKey(feature))),
    ofModel: async model => modelIn(await valueOf(paceKey(model))),
    flush: writes.flush,
  }
}

// What nobody can read is begun anew: no right of anybody's hangs on it.
const lessonsIn = (value: unknown): FeatureLessons => isFeatureLessons(value) ? value : noLessons
const modelIn = (value: unknown): ModelLessons => isModelLessons(value) ? value : newModel
