/**
 * What an answer is to be: a schema of any library that follows https://standardschema.dev, such as
 * zod. Told by its structure, because the core depends on no library.
 */
export interface OutputShape<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    /** The library's name. */
    readonly vendor: string
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>
    /** What the library itself makes JSON Schema of it with: https://standardschema.dev/json-schema */
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown> }
  }
}

/** What answers of a feature are as objects; `undefined` where it has no shape for them. */
export type OutputOf<F> = F extends { readonly output: OutputShape<infer Output> } ? Output : 'output' extends keyof F ? unknown : undefined

/** An object that is still being written: any part of it may be missing yet. */
export type Partially<T> = T extends readonly (infer Item)[] ? readonly Partially<Item>[] : T extends object ? { readonly [K in keyof T]?: Partially<T[K]> } : T

/** A value of the shape, or what is wrong with it. */
export type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly ShapeIssue[] }

export interface ShapeIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Whether a value can check answers. */
export function isOutputShape(value: unknown): value is OutputShape {
  const standard = (value as Partial<OutputShape> | null | undefined)?.['~standard']
  return standard?.version === 1 && typeof standard.vendor === 'string' && typeof standard.validate === 'function'
}
