import type { Features, Need, RunInput } from '../core/index.ts'
import { classify, followsUp, loadClassifier, mayBeLookUp, needOf } from '../routing/index.ts'
import type { Classifier } from '../routing/index.ts'

/** Decides what requests need. */
export interface Needs {
  of(request: { readonly feature: string; readonly input: RunInput }): Promise<Need>
}

interface NeedsOptions {
  readonly features: Features
  readonly classifier?: Classifier | 'rules' | undefined
  readonly onError: (error: unknown) => void
  /** @default loadClassifier */
  readonly load?: () => Promise<Classifier>
}

const needs: readonly unknown[] = ['none', 'generate', 'reason'] satisfies Need[]

const unloaded = 'The trained weights of the classifier cannot be loaded, so a page\'s few rules decide what requests need. Deploy every file of the package, or give "classifier: \'rules\'" to do without.'
const faulty = 'The classifier does not answer every question with a need, so a page\'s few rules decide where it does not. Give "none", "generate" or "reason" as "need" for any text.'

/**
 * Asks the host's classifier, or the trained one, which is loaded when first needed: the first request
 * waits for it, so that no run is decided otherwise than its estimate. It was trained on requests that
 * stand alone, so of what follows an answer the few rules decide. One that cannot be loaded, or fails,
 * stops no run; what it said may quote the question, so it is not passed on.
 */
export function keepNeeds({ features, classifier, onError, load = loadClassifier }: NeedsOptions): Needs {
  const told = new Set<string>()
  function tell(fault: string): void {
    if (!told.has(fault)) onError(new Error(fault))
    told.add(fault)
  }
  async function deciding(input: RunInput): Promise<Classifier> {
    if (classifier) return classifier === 'rules' ? classify : classifier
    if (followsUp(input)) return classify
    return load().catch(() => {
      tell(unloaded)
      return classify
    })
  }
  return {
    async of({ feature: name, input }) {
      const task = Object.hasOwn(features, name) ? features[name]!.task : 'summarize'
      if (!mayBeLookUp(task)) return 'generate'
      const decide = await deciding(input)
      try {
        const need = needOf(task, input, decide)
        if (needs.includes(need)) return need
      } catch {
        // Told below.
      }
      tell(faulty)
      return needOf(task, input)
    },
  }
}
