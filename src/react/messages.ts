import { formsOf } from './forms.ts'
import type { Currency, Forms } from './forms.ts'
import type { Language, Words } from './words.ts'

/** Everything people read. Any part of it may be replaced. */
export type Messages = Forms & Words

/** Any of it; of the tables of words only what differs. */
export type MessageOverrides = Partial<Omit<Messages, Tables>> & { readonly [T in Tables]?: Partial<Messages[T]> }
type Tables = 'tasks' | 'levels' | 'windows' | 'provenances'

/** A language's messages. @param locale of figures and times @param currency that people who pay are shown */
export const messagesOf = ({ locale: own, words }: Language, { locale = own, currency }: { readonly locale?: string | undefined; readonly currency?: Currency | undefined } = {}): Messages =>
  ({ ...formsOf(locale, words, currency), ...words })

/** Messages with the host's own in place of parts of them. */
export function mergeMessages(base: Messages, overrides: MessageOverrides = {}): Messages {
  const { tasks, levels, windows, provenances, reasons, ...rest } = overrides
  return {
    ...base, ...rest,
    tasks: { ...base.tasks, ...tasks }, levels: { ...base.levels, ...levels }, reasons: { ...base.reasons, ...reasons },
    windows: { ...base.windows, ...windows }, provenances: { ...base.provenances, ...provenances },
  }
}
