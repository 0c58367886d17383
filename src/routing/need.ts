import { inputQuestion } from '../core/index.ts'
import type { Need, RunInput, Task } from '../core/index.ts'
import { classify } from './classify.ts'

/** What a request needs. Only a question can turn out to be a look-up: a text to be summarised is one already. */
export function needOf(task: Task, input: RunInput): Need {
  return task === 'answer' || task === 'chat' ? classify(inputQuestion(input)).need : 'generate'
}
