export type Shape = readonly [what: string, holds: (value: unknown) => boolean]

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isFunction = (value: unknown): boolean => typeof value === 'function'
const text: Shape = ['text', value => typeof value === 'string']
const figure: Shape = ['a number', value => typeof value === 'number']
const truth: Shape = ['true or false', value => typeof value === 'boolean']
const callback: Shape = ['a function', isFunction]
const list: Shape = ['a list in square brackets', Array.isArray]
const record: Shape = ['an object', isObject]

/** What each option is, in words; what it may be is checked where it is known what for. */
export const shapes = {
  features: ['an object of features by name, as defineFeatures gives it', value => isObject(value) || Array.isArray(value)],
  providers: ['a list, such as [baseline()]', Array.isArray],
  ledger: ['a ledger, such as sqliteLedger("sparing.db") of sparing/server/sqlite', value => isObject(value) && isFunction(value['reserve']) && isFunction(value['close'])],
  budgets: ['a list, such as [{ id: "everyone", scope: "all", per: "month", limit: { usd: 100 } }]', Array.isArray],
  identify: ['a function from a request to who asks, such as request => ({ user: "ada" })', isFunction],
  prompts: ['an object of functions by feature', value => isObject(value) && Object.values(value).every(isFunction)],
  apiKeys: ['a list of keys, or a function that looks one up', value => Array.isArray(value) || isFunction(value)],
  origins: ['a list, such as ["https://example.com"]', Array.isArray],
  classifier: ['a function from a question to what it needs, or "rules"', value => isFunction(value) || typeof value === 'string'],
  secret: text, adminToken: text, basePath: text, owner: text, timeZone: text, production: truth, pays: truth, carbon: record, mix: record, onRun: record, tracer: record,
  explore: ['a share of the runs from 0 to 1', figure[1]], share: ['a share above 0 and at most 1', figure[1]], concurrency: figure, lease: figure, silence: figure, maxBody: figure,
  address: callback, tokenizer: callback, now: callback, random: callback, onError: callback, signingKeys: list,
} satisfies Record<string, Shape>

type Option = keyof typeof shapes

/** Why options are none, before anything is made of them: those who write JavaScript have no compiler to tell them. */
export function faultOfShapes(options: { readonly features?: unknown; readonly providers?: readonly unknown[] }): string | undefined {
  if (!isObject(options)) return 'There are no options. Give createModelSelector an object with "features" and "providers".'
  const stray = Object.keys(options).find(name => !Object.hasOwn(shapes, name))
  if (stray !== undefined) return `There is no option "${stray}", so it would change nothing. ${likest(stray)}`
  // What must be there has a sentence of its own where it is not.
  const wrong = Object.entries(options).find(([name, value]) => value !== null && !shapes[name as Option][1](value))
  if (wrong) return `The option "${wrong[0]}" cannot be used: it must be ${shapes[wrong[0] as Option][0]}, and is ${nameOf(wrong[1])}.`
  return faultOfFeatures(options.features) ?? faultOfProviders(options.providers ?? [])
}

const faultOfFeatures = (features: unknown) =>
  isObject(features) && Object.keys(features).length === 0 ? 'There are no features, so nothing can run. Declare at least one with defineFeatures and give it in "features".' : undefined

function faultOfProviders(providers: readonly unknown[]): string | undefined {
  const at = providers.findIndex(each => !(isObject(each) && typeof each['id'] === 'string' && Array.isArray(each['models']) && isFunction(each['stream'])))
  if (at < 0) return undefined
  const provider = providers[at] as { name?: string }
  const remedy = isFunction(provider) ? `it is a function. Call it: ${provider.name || 'baseline'}(…).` : `it is ${nameOf(provider)}. Give what baseline(), openaiCompatible({ … }) or aiSdk({ … }) returns, or an object with "id", "models" and "stream".`
  return `The provider number ${at + 1} of "providers" cannot be used: ${remedy}`
}

/** Values themselves may be secrets. */
const nameOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : isFunction(value) ? 'a function' : isObject(value) ? 'another object' : `a ${typeof value}`

function likest(stray: string): string {
  const names = Object.keys(shapes)
  const plain = stray.toLowerCase()
  const like = names.find(name => name.toLowerCase() === plain) ?? names.find(name => plain.length > 3 && (name.toLowerCase().includes(plain) || plain.includes(name.toLowerCase())))
  return like === undefined ? `Leave it out, or name one of ${names.join(', ')}.` : `Leave it out, or write "${like}".`
}
