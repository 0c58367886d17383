export { summarize } from './summarize.ts'
export type { Quotation, Summary, SummarizeOptions } from './summarize.ts'
export type { TextKind } from './summary/kind.ts'
