import type { NamedWindow, Provenance, Task, Tier } from '../core/index.ts'

/** What a task's output is called: one of them, several, and the verb of the button. */
type TaskWords = readonly [one: string, many: string, act: string]

/** A figure as it is read, and as it is spoken. */
export type Figures = readonly [shown: string, spoken: string]

/** Units of energy and of mass, a thousandfold apart, smallest first. */
export type EnergyUnit = 'microwattHour' | 'milliwattHour' | 'wattHour' | 'kilowattHour'
export type MassUnit = 'microgram' | 'milligram' | 'gram' | 'kilogram'

/** Every word that people read; figures arrive formed. */
export interface Words {
  /** From one figure to another. */
  span(from: string, to: string): string
  /** As far as a figure, where what it begins at is next to nothing. */
  upTo(figure: string): string
  /** A figure, or a span of them, with its unit: the sign, and the word for who listens. `count`, which decides the plural, is what is shown, not what was rounded to it. */
  unit(name: EnergyUnit | MassUnit, figure: string, count: number | readonly [from: number, to: number]): Figures
  readonly lessThanASecond: string
  /** A time of this day, and one of another. */
  atTime(clock: string): string
  onDay(date: string, clock: string): string
  readonly tasks: Readonly<Record<Task, TaskWords>>
  readonly levels: Readonly<Record<Tier, string>>
  readonly windows: Readonly<Record<NamedWindow, string>>
  /** The allowance of a window that rolls. */
  rolling(span: string): string
  /** How a figure is known. */
  readonly provenances: Readonly<Record<Provenance, string>>

  title(one: string): string
  act(verb: string): string
  optional(title: string): string
  about(figure: string): string
  atMost(figure: string): string
  ofAllowance(percent: string, allowance: string): string
  /** Between parts of one line. */
  readonly comma: string
  /** Parts of one sentence, in order. */
  sentence(parts: readonly string[]): string
  inBrackets(text: string): string
  /** A phrase that stands by itself, as in a table. */
  alone(phrase: string): string
  lessThan(figure: string): string
  readonly unknownCost: string
  readonly checking: string
  readonly thinkLonger: string
  readonly thinkLongerQuestion: string
  question(act: string): string
  /** `count` is the ratio as it is shown. */
  timesLevel(ratio: string, level: string, count: number): string
  /** About as much as another level, and why that may be. */
  sameAsLevel(level: string): string
  sameModel(level: string): string
  levelOf(level: string, one: string): string
  readonly writing: string
  readonly thinking: string
  readonly keepReading: string
  readonly stop: string
  readonly answerNow: string
  /** While a run is under way. */
  meanwhile(atMost: string): string
  readonly showWhenFinished: string
  readonly hide: string
  readonly details: string
  readonly cancel: string
  readonly proceed: string
  readonly tryAgain: string
  readonly showAll: string
  readonly written: string
  readonly checkQuotes: string
  readonly checkText: string
  readonly quotes: string
  readonly noModelUsed: string
  readonly cut: string
  readonly nothingFound: string
  readonly nothingWritten: string
  /** Nothing quoted answers it. */
  readonly unquoted: string
  /** What may be had in its place. `most` is `null` where nobody knows. */
  canWrite(title: string, most: string | null): string
  skip(title: string): string
  used(share: string, promised: string): string
  readonly usedNothing: string
  readonly receipt: string
  readonly enough: string
  readonly yes: string
  readonly no: string
  readonly moreDetail: string
  readonly always: string
  readonly notAlways: string
  eachTime(atMost: string): string
  readonly didNotFinish: string
  readonly didNotStart: string
  counted(share: string): string
  readonly nothingCounted: string
  readonly unaffected: string
  /** `by` is '' where nobody is named. */
  usedUp(allowance: string, by: string): string
  notEnough(left: string, by: string): string
  tooMuch(allowance: string, by: string): string
  setBy(owner: string): string
  readonly sharedAllowance: string
  resets(time: string): string
  readonly showQuotes: string
  turnedOff(owner: string | null, many: string): string
  readonly why: string
  readonly whyPolicy: string
  readonly offline: string
  unreachable(many: string): string
  /** `before` is `null` where both read the same. `longer`: because the text is. */
  priceChanged(now: string, before: string | null, longer: boolean): string
  readonly nothingSpent: string
  readonly noModel: string
  tooLong(one: string): string
  hidden(many: string): string
  readonly undo: string

  readonly level: string
  readonly usually: string
  readonly most: string
  readonly charge: string
  readonly included: string
  readonly rating: string
  /** So many of the most there are. `estimated`: by the method, not published by those who own it. */
  stars(count: string, most: string, estimated: boolean): string
  /** Energy as a lamp of so many watts burns for so long. */
  lamp(energy: Figures, duration: string, watts: string): Figures
  readonly comparison: string
  timesResults(ratio: string, count: number): string
  readonly said: string
  readonly counts: string
  readonly model: string
  reasoning(model: string, on: boolean): string
  readonly reason: string
  /** By the code of a choice's reason. Of one that is not here the server's own sentence is shown. */
  readonly reasons: Readonly<Record<string, string>>
  readonly energyName: string
  /** Of what was used. */
  readonly carbonName: string
  /** Of making the machines, of which a run has its share; never added to the other. */
  readonly makingName: string
  /** So much of CO2e. */
  making(figure: Figures): Figures
  /** Where and when the electricity had the emissions that were counted. */
  zone(zone: string, year: string): string
  readonly quotesAlone: string
  readonly support: string

  allowance(name: string): string
  meter(used: string, setAside: string | null): string
  readonly meterFull: string

  started(title: string): string
  readonly stillWriting: string
  finished(title: string): string
}

/** A language is one file: its words, and the locale that figures and times are formed by. */
export interface Language {
  /** A BCP 47 tag, such as `en` or `ar-EG`. */
  readonly locale: string
  readonly words: Words
}
