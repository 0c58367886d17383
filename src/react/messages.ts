import type { NamedWindow, Provenance, Task, Tier } from '../core/index.ts'

/** What a task's output is called: one of them, several, and the verb of the button. */
type TaskWords = readonly [one: string, many: string, act: string]

/** The form of every figure. */
interface Forms {
  /** Whole percent. */
  percent(whole: number): string
  /** Any number, to two significant figures. `up`: a bound, which is never rounded below what it bounds. */
  number(value: number, rounding?: 'up'): string
  /** Dollars, which only people who pay are shown. */
  money(usd: number, rounding?: 'up'): string
  /** A number of watt-hours, and what is spoken instead of the sign. */
  energy(figure: string): readonly [shown: string, spoken: string]
  carbon(figure: string): readonly [shown: string, spoken: string]
  seconds(value: number): string
  time(at: number): string
}

/** Every word that people read; figures arrive formed. */
interface Words {
  /** From one figure to another. */
  span(from: string, to: string): string
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
  /** Parts of one sentence, in order. */
  sentence(parts: readonly string[]): string
  inBrackets(text: string): string
  readonly lessThanOne: string
  readonly unknownCost: string
  readonly checking: string
  readonly thinkLonger: string
  readonly thinkLongerQuestion: string
  question(act: string): string
  timesLevel(ratio: string, level: string): string
  levelOf(level: string, one: string): string
  readonly writing: string
  readonly thinking: string
  readonly keepReading: string
  readonly stop: string
  readonly showWhenFinished: string
  readonly hide: string
  readonly details: string
  readonly cancel: string
  readonly proceed: string
  readonly tryAgain: string
  readonly showAll: string
  readonly written: string
  readonly quotes: string
  readonly noModelUsed: string
  readonly cut: string
  readonly nothingFound: string
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
  /** `longer`: because the text is. */
  priceChanged(now: string, before: string, longer: boolean): string
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
  stars(count: string): string
  lamp(energy: string, duration: string): string
  readonly comparison: string
  timesResults(ratio: string): string
  readonly said: string
  readonly counts: string
  readonly model: string
  reasoning(model: string, on: boolean): string
  readonly reason: string
  readonly energyName: string
  readonly carbonName: string
  /** Where and when the electricity had the emissions that were counted. */
  zone(zone: string, year: number): string
  readonly quotesAlone: string
  readonly support: string

  allowance(name: string): string
  meter(used: string, setAside: string | null): string
  readonly meterFull: string

  started(title: string): string
  readonly stillWriting: string
  finished(title: string): string
}

/** Everything people read. Any part of it may be replaced. */
export type Messages = Forms & Words

/** Any of it; of the tables of words only what differs. */
export type MessageOverrides = Partial<Omit<Messages, Tables>> & { readonly [T in Tables]?: Partial<Messages[T]> }
type Tables = 'tasks' | 'levels' | 'windows' | 'provenances'

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const english: Words = {
  tasks: {
    answer: ['answer', 'answers', 'Answer'], summarize: ['summary', 'summaries', 'Summarize'], chat: ['reply', 'replies', 'Reply'],
    draft: ['draft', 'drafts', 'Draft'], rewrite: ['version', 'versions', 'Rewrite'], translate: ['translation', 'translations', 'Translate'],
    classify: ['label', 'labels', 'Label'], extract: ['extract', 'extracts', 'Extract'], describe: ['description', 'descriptions', 'Describe'],
    code: ['code', 'code', 'Write code'],
  },
  levels: { baseline: 'Quotes', eco: 'Light', standard: 'Standard', max: 'Large' },
  windows: {
    run: "one run's allowance", session: "this session's allowance", hour: "this hour's allowance", day: "today's allowance",
    week: "this week's allowance", month: "this month's allowance",
  },
  rolling: span => `the allowance for any ${span}`,
  provenances: { measured: 'measured', modelled: 'modelled', class: 'by models of its class', local: 'on this machine', unknown: '' },

  span: (from, to) => from === to ? from : `${from} to ${to}`,

  title: one => `AI ${one}`,
  act: verb => `${verb} with AI`,
  optional: title => `${title}, optional.`,
  about: figure => /^\d/.test(figure) ? `about ${figure}` : figure,
  atMost: figure => `at most ${figure}`,
  ofAllowance: (percent, allowance) => `${percent} of ${allowance}`,
  sentence: parts => parts.length > 0 ? `${capital(parts.join(', '))}.` : '',
  inBrackets: text => `(${text})`,
  lessThanOne: 'less than 1%',
  unknownCost: 'Its cost is not known.',
  checking: 'Checking the cost…',
  thinkLonger: 'Think longer',
  thinkLongerQuestion: 'Think longer?',
  question: act => `${act}?`,
  timesLevel: (ratio, level) => `about ${ratio} times a ${level}`,
  levelOf: (level, one) => `${level} ${one}`,
  writing: 'Writing.',
  thinking: 'Thinking.',
  keepReading: 'You can keep reading.',
  stop: 'Stop',
  showWhenFinished: 'Show when finished',
  hide: 'Hide',
  details: 'Details',
  cancel: 'Cancel',
  proceed: 'Continue',
  tryAgain: 'Try again',
  showAll: 'Show all',
  written: 'Written by AI; may be wrong. Check the linked quotes.',
  quotes: 'Quotes from your documents',
  noModelUsed: 'No generative model.',
  cut: 'It reached the most it may cost and ends here.',
  nothingFound: 'Nothing was found to show.',
  skip: title => `Skip ${title}`,
  used: (share, promised) => `Used ${share}; we said ${promised}.`,
  usedNothing: 'Nothing was taken from your allowance.',
  receipt: 'Receipt',
  enough: 'Enough?',
  yes: 'Yes',
  no: 'No',
  moreDetail: 'More detail',
  always: 'Always do this here',
  notAlways: 'Stop doing this here',
  eachTime: atMost => `${atMost} each time`,
  didNotFinish: 'It did not finish.',
  didNotStart: 'It did not start.',
  counted: share => `Counted: ${share}.`,
  nothingCounted: 'Nothing was counted.',
  unaffected: 'Results are unaffected.',
  usedUp: (allowance, by) => `${capital(allowance)}${by} is used up.`,
  notEnough: (left, by) => `Only ${left}${by} is left, and this may take more.`,
  tooMuch: (allowance, by) => `This may take more than the whole of ${allowance}${by.replace(/,$/, '')}.`,
  setBy: owner => `, set by ${owner},`,
  sharedAllowance: 'the shared allowance',
  resets: time => `It resets ${time}, your time.`,
  showQuotes: 'Show quotes',
  turnedOff: (owner, many) => owner ? `${owner} has turned AI ${many} off here.` : `AI ${many} are turned off here.`,
  why: 'Why?',
  whyPolicy: 'Whoever runs this product decides where AI is offered. Nothing you did caused it, and everything else works as before.',
  offline: "You're offline. Results still work.",
  unreachable: many => `AI ${many} can't be reached just now. Results still work.`,
  priceChanged: (now, before, longer) => `Now ${now} instead of ${before}${longer ? ': the text is longer' : ''}.`,
  nothingSpent: 'Nothing was spent.',
  noModel: 'No model is set up for this level.',
  tooLong: one => `This text is too long for an AI ${one}.`,
  hidden: many => `AI ${many} are hidden.`,
  undo: 'Undo',

  level: 'Level',
  usually: 'Usually',
  most: 'At most',
  charge: 'Charge',
  included: "Included; you won't be charged",
  rating: 'Energy rating',
  stars: count => `${count} of 5 (5 = least energy), estimated`,
  lamp: (energy, duration) => `${energy}: a 10 W lamp for ${duration}`,
  comparison: 'Compared',
  timesResults: ratio => `About ${ratio} times the quotes alone`,
  said: 'We said',
  counts: 'Used',
  model: 'Model',
  reasoning: (model, on) => `${model}, reasoning ${on ? 'on' : 'off'}`,
  reason: 'Why',
  energyName: 'Energy',
  carbonName: 'CO₂e',
  zone: (zone, year) => `${zone === 'WOR' ? 'world average' : zone} ${year}`,
  quotesAlone: 'The quotes alone',
  support: 'Id for support',

  allowance: capital,
  meter: (used, setAside) => capital(setAside ? `${used} used, ${setAside} set aside.` : `${used} used.`),
  meterFull: 'Used up.',

  started: title => `${title}: writing. You can keep reading.`,
  stillWriting: 'Still writing. You can keep reading.',
  finished: title => `${title}: finished.`,
}

const day = 24 * 3_600_000

type Form = (value: number) => string

function formsOf(locale: string): Forms {
  const figures = (options: Intl.NumberFormatOptions) => {
    const usual = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, ...options })
    const upward = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2, roundingMode: 'ceil', ...options } as Intl.NumberFormatOptions)
    return (value: number, rounding?: 'up') => (rounding ? upward : usual).format(value)
  }
  const whole = new Intl.NumberFormat(locale, { style: 'percent' })
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const date = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' })
  // Nobody waits for a tenth of a second.
  const unit = (name: string) => figures({ style: 'unit', unit: name, unitDisplay: 'long', maximumFractionDigits: 0, roundingPriority: 'lessPrecision' })
  const [seconds, minutes, hours] = ['second', 'minute', 'hour'].map(unit) as [Form, Form, Form]

  return {
    percent: value => whole.format(value / 100),
    number: figures({}),
    money: figures({ style: 'currency', currency: 'USD' }),
    energy: figure => [`${figure} Wh`, `${figure} watt-hours`],
    carbon: figure => [`${figure} g`, `${figure} grams`],
    seconds: value => value < 1 ? 'less than a second' : value < 120 ? seconds(value) : value < 7_200 ? minutes(value / 60) : hours(value / 3_600),
    time: at => at - Date.now() < day ? `at ${clock.format(at)}` : `on ${date.format(at)} at ${clock.format(at)}`,
  }
}

/** The bundle in English; figures and times in the form of `locale`. */
export const englishMessages = (locale: string): Messages => ({ ...formsOf(locale), ...english })

/** The English bundle with the host's own words in place of its parts. */
export function mergeMessages(base: Messages, overrides: MessageOverrides = {}): Messages {
  const { tasks, levels, windows, provenances, ...rest } = overrides
  return {
    ...base, ...rest,
    tasks: { ...base.tasks, ...tasks }, levels: { ...base.levels, ...levels },
    windows: { ...base.windows, ...windows }, provenances: { ...base.provenances, ...provenances },
  }
}
