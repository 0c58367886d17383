import { inputQuestion } from '../core/index.ts'
import type { Need, RunInput, Task } from '../core/index.ts'
import { classify } from './classify.ts'
import type { Classifier } from './verdict.ts'

/** Only a question can turn out to be a look-up: a text to be summarised is one already. */
export const mayBeLookUp = (task: Task): boolean => task === 'answer' || task === 'chat'

/**
 * What a request needs.
 * @param classifier @default the few rules that a page carries; `loadClassifier` gives what a server decides with
 */
export function needOf(task: Task, input: RunInput, classifier: Classifier = classify): Need {
  return mayBeLookUp(task) ? classifier(inputQuestion(input)).need : 'generate'
}
