import { toJSONSchema } from 'zod/mini'
import type { $ZodType } from 'zod/v4/core'
import type { OutputShape, ShapeIssue } from '../core/index.ts'
import type { OutputSchema } from './providers/port.ts'

type Json = Readonly<Record<string, unknown>>

/** A shape is the feature's for good, and asked about at each run. */
const known = new WeakMap<OutputShape, OutputSchema>()

/**
 * The JSON Schema that a model is asked to keep to, of what goes into the shape: defaults may be left
 * out, and what is transformed is not yet.
 * @throws {TypeError} for a shape that no JSON Schema can be made of
 */
export function outputSchemaOf(feature: string, shape: OutputShape): OutputSchema {
  const name = feature.replaceAll('.', '_')
  const found = known.get(shape)
  if (found) return { ...found, name }
  const { $schema: _, ...schema } = closed(jsonSchemaOf(feature, shape)) as Json
  const made = { name, schema, strict: isStrict(schema) }
  known.set(shape, made)
  return made
}

function jsonSchemaOf(feature: string, shape: OutputShape): Json {
  const { jsonSchema, vendor } = shape['~standard']
  try {
    if (jsonSchema) return jsonSchema.input({ target: 'draft-2020-12' })
    // The mini form of zod brings no converter of its own.
    if (vendor === 'zod') return toJSONSchema(shape as unknown as $ZodType, { io: 'input' }) as Json
  } catch (cause) {
    throw new TypeError(`No JSON Schema can be made of the output of "${feature}": ${(cause as Error).message} Use plain objects, lists, texts, numbers and choices.`, { cause })
  }
  throw new TypeError(`The output of "${feature}" is a schema of "${vendor}", which cannot say itself as JSON Schema, so no model can be told of it. Use zod 4, or a library with the Standard JSON Schema.`)
}

/** With every object saying that it has no other properties, as servers want to hear it. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return isObjectSchema(inner) && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner
}

/** All of JSON Schema that may stand in what a model is held to: https://platform.openai.com/docs/guides/structured-outputs */
const strictKeywords = new Set([
  'type', 'properties', 'required', 'additionalProperties', 'items', 'anyOf', 'enum', 'const', '$ref', '$defs', 'title', 'description',
  'pattern', 'format', 'multipleOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minItems', 'maxItems',
])
const strictFormats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'])

/** What is looked at of a schema. */
interface Schema {
  readonly type?: unknown
  readonly properties?: Json
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly items?: unknown
  readonly anyOf?: readonly unknown[]
  readonly $ref?: string
  readonly $defs?: Json
  readonly pattern?: string
  readonly format?: string
}

/**
 * Whether a server may be asked to hold the model to it: OpenAI and those like it refuse what their
 * grammars cannot say, and every object that is not closed with all of its properties required.
 */
const isStrict = (root: Json): boolean => root['type'] === 'object' && !('anyOf' in root) && isStrictSchema(root)

function isStrictSchema(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const keywords = Object.keys(schema)
  const { type, properties = {}, items, anyOf, $ref, $defs = {} } = schema as Schema
  if ($ref !== undefined) return keywords.length === 1
  if (type === undefined && anyOf === undefined) return false
  const inner = [...Object.values(properties), ...Object.values($defs), ...anyOf ?? [], ...type === 'array' ? [items] : []]
  return keywords.every(keyword => strictKeywords.has(keyword)) && (type !== 'object' || isClosed(schema)) && isStrictText(schema) && inner.every(isStrictSchema)
}

const isClosed = ({ properties, required = [], additionalProperties }: Schema): boolean =>
  additionalProperties === false && properties !== undefined && Object.keys(properties).every(name => required.includes(name))

/** Grammars do not look ahead or behind. */
const isStrictText = ({ pattern = '', format }: Schema): boolean => !/\(\?<?[=!]/.test(pattern) && (format === undefined || strictFormats.has(format))

const isObjectSchema = (schema: object): boolean => 'properties' in schema && (schema as { type?: unknown }).type === 'object'

/** What is added to a feature's prompt, for the many servers that take no schema, or do not hold a model to it. */
export const shapeInstruction = ({ schema }: OutputSchema): string =>
  `Answer with JSON alone: one value that fits this JSON Schema, with no text around it.\n${JSON.stringify(schema)}`

/** What is said for the wish for any JSON: OpenAI, DeepSeek and others refuse it where no message speaks of it. */
export const jsonInstruction = 'Answer with one JSON object alone, with no text around it.'

/** An answer that was read: the object, or what a model is told is wrong with it. */
export type Reading =
  | { readonly object: unknown; readonly faults?: undefined }
  | { readonly faults: readonly string[] }

/** Faults that a model is told at once: the later ones often follow from the first. */
const mostFaults = 8

/**
 * Reads the object of an answer and checks it. Many models put words or the fence of a code block around
 * JSON, whatever they are told, and before it drafts, the schema, or brackets in the words: what counts is
 * the last that fits.
 */
export async function readObject(text: string, shape: OutputShape): Promise<Reading> {
  const whole = parsed(text.trim())
  const found = whole ? [whole.value] : outermostIn(text)
  // The parser's own words quote what the model wrote.
  let wrong: { readonly value?: unknown; readonly faults: readonly string[] } = { value: [], faults: ['The answer is not valid JSON.'] }
  for (const value of found.toReversed()) {
    const result = await shape['~standard'].validate(value)
    if (!result.issues) return { object: result.value }
    if (Array.isArray(wrong.value)) wrong = { value, faults: result.issues.slice(0, mostFaults).map(faultOf) }
  }
  return { faults: wrong.faults }
}

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

/** Brackets that turn out to begin no JSON, objects and lists that are checked, and characters of an answer that are looked at. */
const most = { misses: 32, found: 32, characters: 1_000_000 }

/** Where JSON may begin, or reasoning ends. */
const starts = /[{[]|<\/think>/g

/**
 * The last objects and lists in a text that are inside of no other. What stands before a `</think>` is
 * what the model told itself, though nobody saw it begin.
 */
function outermostIn(text: string): unknown[] {
  if (text.length > most.characters) return []
  const thought = text.lastIndexOf('</think>')
  let found: unknown[] = []
  let misses = 0
  starts.lastIndex = 0
  for (let start = starts.exec(text); start; start = starts.exec(text)) {
    if (start[0] === '</think>') {
      found = []
      if (start.index === thought) misses = 0
      continue
    }
    const end = misses < most.misses ? endOf(text, start.index) : null
    const candidate = end === null ? null : parsed(text.slice(start.index, end))
    if (!candidate) misses++
    else {
      found.push(candidate.value)
      starts.lastIndex = end!
    }
  }
  return found.slice(-most.found)
}

const marks = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs

/** Where the bracket at a place is closed; `null` where it is not. */
function endOf(text: string, start: number): number | null {
  marks.lastIndex = start
  let depth = 0
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    if (mark[0] === '{' || mark[0] === '[') depth++
    else if (mark[0] === '}' || mark[0] === ']') depth--
    if (depth === 0) return marks.lastIndex
  }
  return null
}

function faultOf({ message, path = [] }: ShapeIssue): string {
  const place = path.map(step => String(typeof step === 'object' ? step.key : step)).join('.')
  return place ? `${place}: ${message}` : message
}
